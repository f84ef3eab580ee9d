package io.spikelet.job.cli;

import io.spikelet.engine.bench.BenchmarkReport;
import io.spikelet.engine.bench.DecodeFigure;
import io.spikelet.engine.bench.DenseTwinFigure;
import io.spikelet.engine.bench.MachineDescription;
import io.spikelet.engine.bench.MemoryFigure;
import io.spikelet.engine.bench.ModelDescription;
import io.spikelet.engine.bench.OptimizationStep;
import io.spikelet.engine.bench.PromptFigure;
import io.spikelet.engine.bench.Spread;
import io.spikelet.engine.bench.Throughput;
import io.spikelet.engine.telemetry.Population;
import io.spikelet.engine.telemetry.SpikeStatistics;
import io.spikelet.job.MessageText;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.stream.Collectors;

/** A benchmark report as text of aligned columns. */
record BenchTable(BenchmarkReport report, PrintWriter out) {
    private static final String ROW = "%-40s %9s  %-17s %7s  %-4s %9s %9s %9s";

    void print() {
        printSubject();
        out.println();
        line(ROW, "", "tokens/s", "(min - max)", "share", "of", "MB/token", "Mma/token", "Mop/token");
        report.denseProducts()
                .forEach(figure -> print(
                        figure.columns() == 1
                                ? "dense products of a token alone"
                                : "dense products of %d tokens alone".formatted(figure.columns()),
                        figure.throughput(),
                        figure.shareOfBound(),
                        figure.columns() == 1));
        report.decode().forEach(this::print);
        report.twins().forEach(this::print);
        print("prefill", report.prefill());
        print("scoring", report.scoring());
        report.ladder().forEach(this::print);
        out.println();
        report.twins().forEach(this::printRatio);
        printMemory();
        if (!report.notes().isEmpty()) {
            out.println();
            report.notes().forEach(note -> line("note: %s", note));
        }
    }

    private void printSubject() {
        ModelDescription model = report.model();
        field(
                "model",
                "%s: %s, %s, %,d parameters, weights of %s, logits of %,d ids%s",
                model.name(),
                model.variant(),
                model.scheme(),
                model.parameters(),
                megabytes((double) model.weightsBytes()),
                model.vocabulary(),
                model.keyValueCache().map(type -> ", keys and values " + type).orElse(""));
        MachineDescription machine = report.machine();
        field(
                "machine",
                "%s, %d processors, %s, heap of %s, kernels %s",
                machine.cpu(),
                machine.processors(),
                machine.java(),
                megabytes((double) machine.heapBytes()),
                machine.kernels());
        billions("read", "%.1f GB/s (%.1f - %.1f), one core, in order", report.readBytesPerSecond());
        billions("fma", "%.1f G multiply-adds/s (%.1f - %.1f), one core, float32", report.multiplyAddsPerSecond());
        billions(
                "int8",
                "%.1f G multiply-adds/s (%.1f - %.1f), one core, bytes to int32",
                report.integerMultiplyAddsPerSecond());
    }

    private void billions(String name, String format, Spread figures) {
        field(name, format, figures.median() / 1e9, figures.min() / 1e9, figures.max() / 1e9);
    }

    private void printMemory() {
        MemoryFigure memory = report.memory();
        field(
                "mapping",
                "%.1f ms (%.1f - %.1f), the first time in a JVM %.1f ms",
                memory.mapMillis().median(),
                memory.mapMillis().min(),
                memory.mapMillis().max(),
                memory.firstMapMillis());
        field(
                "memory",
                "%s beyond the mapped weights and the %s of the sequences' states",
                memory.residentOverheadBytes().isPresent()
                        ? megabytes(memory.residentOverheadBytes().getAsDouble())
                        : "unknown",
                megabytes((double) memory.stateBytes()));
        field("allocation", "%.0f bytes per token", report.allocatedBytesPerToken());
        SpikeStatistics fired = report.fired();
        field(
                "firing rate",
                "%s",
                fired.populations().stream()
                        .map(Population::name)
                        .map(name -> name + " " + percent(fired.rate(name).orElseThrow()))
                        .collect(Collectors.joining(", ")));
    }

    private void print(DecodeFigure figure) {
        String name = "decode, batch %d, context %d%s"
                .formatted(
                        figure.batch(),
                        figure.context(),
                        figure.threads() == 1 ? "" : ", " + figure.threads() + " threads");
        print(name, figure.throughput(), figure.shareOfBound(), figure.boundByMemory());
    }

    private void print(DenseTwinFigure figure) {
        String name = "dense twin, batch %d%s".formatted(figure.batch(), inSteps(figure));
        print(name, figure.dense(), figure.shareOfBound(), figure.boundByMemory());
    }

    private static String inSteps(DenseTwinFigure figure) {
        return figure.steps() == 1 ? "" : ", in each of " + figure.steps() + " steps";
    }

    private void printRatio(DenseTwinFigure figure) {
        field(
                "spikes",
                "%.2f times (%.2f - %.2f) the speed of the dense twin, batch %d%s",
                figure.ratio().median(),
                figure.ratio().min(),
                figure.ratio().max(),
                figure.batch(),
                inSteps(figure));
    }

    private void print(String name, PromptFigure figure) {
        print(name + ", " + figure.tokens() + " tokens", figure.throughput(), figure.shareOfBound(), false);
    }

    private void print(OptimizationStep step) {
        print(step.name(), step.throughput(), step.throughput().shareOfRead(), true);
    }

    /** @param isRead whether reading the weights is the bound that the share is of, else it is arithmetic */
    private void print(String name, Throughput throughput, Spread share, boolean isRead) {
        Spread rate = throughput.tokensPerSecond();
        line(
                ROW,
                name,
                rate(rate.median()),
                "(" + rate(rate.min()) + " - " + rate(rate.max()) + ")",
                percent(share.median()),
                isRead ? "read" : throughput.arithmeticBound(),
                rate(throughput.cost().bytes() / 1e6),
                rate(throughput.cost().multiplyAdds() / 1e6),
                rate(throughput.cost().spikeOperations() / 1e6));
    }

    @SuppressWarnings("AnnotateFormatMethod")
    private void field(String name, String format, Object... values) {
        line("%-12s %s", name, String.format(Locale.ROOT, format, values));
    }

    @SuppressWarnings("AnnotateFormatMethod")
    private void line(String format, Object... columns) {
        out.println(
                MessageText.visible(String.format(Locale.ROOT, format, columns).stripTrailing()));
    }

    /** Three digits or more, one of them after the point where it is short. */
    private static String rate(double value) {
        return String.format(Locale.ROOT, value < 10 ? "%.2f" : value < 1000 ? "%.1f" : "%.0f", value);
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f%%", 100 * share);
    }

    private static String megabytes(double bytes) {
        return String.format(Locale.ROOT, "%.0f MB", bytes / 1e6);
    }
}

package io.spikelet.job.cli;

import io.spikelet.engine.model.ModelManifest;
import io.spikelet.engine.model.QuantizationEntry;
import io.spikelet.engine.model.Scheme;
import io.spikelet.engine.model.TensorEntry;
import io.spikelet.job.MessageText;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** A manifest as text of aligned columns. */
final class ManifestTable {
    private final ModelManifest manifest;
    private final PrintWriter out;
    private final Map<String, QuantizationEntry> quantization;

    ManifestTable(ModelManifest manifest, PrintWriter out) {
        this.manifest = manifest;
        this.out = out;
        quantization = manifest.quantization().stream()
                .collect(Collectors.toMap(QuantizationEntry::name, Function.identity()));
    }

    void print() {
        printModel();
        out.println();
        printConfig();
        out.println();
        printTensors();
    }

    private void printModel() {
        field(
                "model",
                manifest.config().family().architecture() + " "
                        + manifest.config().variant());
        field("scheme", Scheme.of(manifest).label());
        field("parameters", grouped(manifest.parameterCount()));
        field(
                ModelManifest.WEIGHTS_FILE,
                grouped(manifest.weightsBytes()) + " bytes, SHA-256 " + manifest.weightsSha256());
        field(
                "tokenizer",
                manifest.tokenizerSha256()
                        .map(hash -> grouped(manifest.tokenizerVocabulary().orElseThrow()) + " pieces, SHA-256 " + hash)
                        .orElse("none"));
        field(
                "source",
                manifest.provenance().source()
                        + manifest.provenance()
                                .sourceSha256()
                                .map(hash -> ", SHA-256 " + hash)
                                .orElse(""));
        field("written by", manifest.provenance().converterVersion());
    }

    private void printConfig() {
        manifest.config().fields().forEach((name, value) -> field(name, value));
    }

    private void printTensors() {
        int width = manifest.tensors().stream()
                .mapToInt(entry -> entry.name().length())
                .max()
                .orElse(0);
        String row = "%-" + Math.max(width, 6) + "s  %-14s %-8s %-12s %15s %14s  %-10s %s";
        line(row, "tensor", "shape", "dtype", "layout", "offset", "bytes", "max error", "RMS error");
        for (TensorEntry entry : manifest.tensors()) {
            QuantizationEntry error = quantization.get(entry.name());
            line(
                    row,
                    entry.name(),
                    entry.shape(),
                    entry.dtype().label(),
                    entry.layout().label(),
                    grouped(entry.offset()),
                    grouped(entry.length()),
                    error == null ? "" : scientific(error.maxError()),
                    error == null ? "" : scientific(error.rmsError()));
        }
    }

    private void field(String name, Object value) {
        line("%-22s %s", name, value);
    }

    private void line(String format, Object... columns) {
        out.println(
                MessageText.visible(String.format(Locale.ROOT, format, columns).stripTrailing()));
    }

    private static String grouped(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    private static String scientific(double number) {
        return String.format(Locale.ROOT, "%.2e", number);
    }
}

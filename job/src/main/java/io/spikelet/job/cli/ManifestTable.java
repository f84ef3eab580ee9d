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
    private final Map<String, QuantizationEntry> quantization;

    ManifestTable(ModelManifest manifest) {
        this.manifest = manifest;
        quantization = manifest.quantization().stream()
                .collect(Collectors.toMap(QuantizationEntry::name, Function.identity()));
    }

    void print(PrintWriter out) {
        printModel(out);
        out.println();
        printConfig(out);
        out.println();
        printTensors(out);
    }

    private void printModel(PrintWriter out) {
        field(
                out,
                "model",
                manifest.config().family().architecture() + " "
                        + manifest.config().variant());
        field(out, "scheme", Scheme.of(manifest).label());
        field(out, "parameters", grouped(manifest.parameterCount()));
        field(
                out,
                ModelManifest.WEIGHTS_FILE,
                grouped(manifest.weightsBytes()) + " bytes, SHA-256 " + manifest.weightsSha256());
        field(
                out,
                "tokenizer",
                manifest.tokenizerSha256()
                        .map(hash -> grouped(manifest.tokenizerVocabulary().orElseThrow()) + " pieces, SHA-256 " + hash)
                        .orElse("none"));
        field(
                out,
                "source",
                manifest.provenance().source()
                        + manifest.provenance()
                                .sourceSha256()
                                .map(hash -> ", SHA-256 " + hash)
                                .orElse(""));
        field(out, "written by", manifest.provenance().converterVersion());
    }

    private void printConfig(PrintWriter out) {
        manifest.config().fields().forEach((name, value) -> field(out, name, value));
    }

    private void printTensors(PrintWriter out) {
        int width = manifest.tensors().stream()
                .mapToInt(entry -> entry.name().length())
                .max()
                .orElse(0);
        String row = "%-" + Math.max(width, 6) + "s  %-14s %-8s %-12s %15s %14s  %-10s %s";
        line(out, row, "tensor", "shape", "dtype", "layout", "offset", "bytes", "max error", "RMS error");
        for (TensorEntry entry : manifest.tensors()) {
            QuantizationEntry error = quantization.get(entry.name());
            line(
                    out,
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

    private static void field(PrintWriter out, String name, Object value) {
        line(out, "%-22s %s", name, value);
    }

    private static void line(PrintWriter out, String format, Object... columns) {
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

package io.spikelet.engine.convert;

import io.spikelet.engine.model.ModelManifest;
import io.spikelet.engine.model.Provenance;
import io.spikelet.engine.model.Scheme;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * Writes model directories of the released shapes with random INT8 weights that give about the spike rates of trained
 * models, for benchmarks. The same preset and seed give the same bytes. Stateless.
 */
public final class Synthesizer {
    private Synthesizer() {}

    /** Writes a model without a tokenizer, for {@code bench}, which needs none. */
    public static void synthesize(ModelPreset preset, long seed, Path output, Consumer<String> progress) {
        synthesize(preset, seed, Optional.empty(), output, progress);
    }

    /**
     * Writes a model; the output directory appears complete or not at all.
     *
     * @param tokenizer file or folder to copy from, so that the model can generate and score text
     * @param progress receives a line from time to time
     * @throws IllegalArgumentException if the output exists, or if the tokenizer cannot be used or has more ids than
     *     the shape
     * @throws UncheckedIOException if it cannot be written
     */
    public static void synthesize(
            ModelPreset preset, long seed, Optional<Path> tokenizer, Path output, Consumer<String> progress) {
        synthesize(preset, seed, Scheme.W8A32, tokenizer, output, progress);
    }

    /**
     * The same in a given scheme; {@link Scheme#W8A8} has the same codes in another order.
     *
     * @throws IllegalArgumentException if the preset does not support the scheme; no preset supports float32
     */
    public static void synthesize(
            ModelPreset preset,
            long seed,
            Scheme scheme,
            Optional<Path> tokenizer,
            Path output,
            Consumer<String> progress) {
        if (scheme == Scheme.FP32) {
            throw new IllegalArgumentException("random weights are INT8 codes; the scheme is w8a32 or w8a8");
        }
        scheme.requirePossible(preset.config());
        Optional<CheckedTokenizer> file = tokenizer.map(path -> CheckedTokenizer.at(path, preset.config()));
        ModelManifest manifest = ModelOutput.create(output, directory -> {
            if (file.isPresent()) {
                file.get().files().writeTo(directory);
            }
            try (WeightsWriter writer =
                    new WeightsWriter(directory.resolve(ModelManifest.WEIGHTS_FILE), scheme == Scheme.W8A8)) {
                TensorProgress written = new TensorProgress(
                        "synthesized", preset.config().tensors().size(), progress);
                preset.write(seed, writer, written::accept);
                writer.finish();
                return new ModelManifest(
                        preset.config(),
                        writer.entries(),
                        writer.bytes(),
                        writer.sha256(),
                        file.map(CheckedTokenizer::sha256),
                        file.map(read -> OptionalInt.of(read.pieces())).orElse(OptionalInt.empty()),
                        new Provenance(
                                "synthesized " + preset.label() + ", seed " + seed,
                                Optional.empty(),
                                Converter.VERSION),
                        List.of());
            }
        });
        progress.accept("wrote " + output + ", " + manifest.parameterCount() + " parameters");
    }
}

package io.spikelet.engine.convert;

import io.spikelet.engine.family.Families;
import io.spikelet.engine.model.MappedWeights;
import io.spikelet.engine.model.ModelManifest;
import io.spikelet.engine.model.TensorSpec;
import io.spikelet.engine.model.TokenizerFiles;
import io.spikelet.engine.tensor.BitMatrix;
import io.spikelet.engine.tensor.Int8Matrix;
import io.spikelet.engine.tensor.Layout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Optional;

/** A model directory of scheme w8a32 as one of scheme w8a8: the same codes and scales, with its tokenizer. */
public final class RoundedInputs {
    private RoundedInputs() {}

    /** Writes {@code output}. */
    public static Path write(Path model, Path output) {
        try (MappedWeights weights = MappedWeights.map(model, Families.all())) {
            ModelManifest source = weights.manifest();
            ModelOutput.create(output, directory -> {
                Optional<TokenizerFiles> tokenizer = TokenizerFiles.in(model);
                if (tokenizer.isPresent()) {
                    tokenizer.get().writeTo(directory);
                }
                try (WeightsWriter writer = new WeightsWriter(directory.resolve(ModelManifest.WEIGHTS_FILE), true)) {
                    for (TensorSpec spec : source.config().tensors()) {
                        write(weights, spec, writer);
                    }
                    writer.finish();
                    return new ModelManifest(
                            source.config(),
                            writer.entries(),
                            writer.bytes(),
                            writer.sha256(),
                            source.tokenizerSha256(),
                            source.tokenizerVocabulary(),
                            source.provenance(),
                            source.quantization());
                }
            });
            return output;
        }
    }

    private static void write(MappedWeights weights, TensorSpec spec, WeightsWriter writer) {
        try {
            if (spec.layout() == Layout.BIT_ROWS) {
                BitMatrix bits = weights.bits(spec.name());
                long[] row = new long[bits.words()];
                writer.bits(spec, (output, from, count, block, at, step) -> {
                    bits.row(output, row, 0);
                    for (int i = 0; i < count; i++) {
                        block.put(at + i * step, (byte) ((row[(from + i) / Long.SIZE] >>> (from + i) & 1) - 1));
                    }
                });
            } else if (spec.isMatrix()) {
                Int8Matrix matrix = (Int8Matrix) weights.matrix(spec.name());
                writer.matrix(
                        spec,
                        (output, from, count, block, at, step) -> {
                            for (int i = 0; i < count; i++) {
                                long element =
                                        matrix.layout().index(output, from + i, matrix.outputs(), matrix.inputs());
                                block.put(at + i * step, matrix.data().get(ValueLayout.JAVA_BYTE, element));
                            }
                        },
                        Optional.of(matrix.scales()));
            } else {
                writer.vector(spec, weights.vector(spec.name()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

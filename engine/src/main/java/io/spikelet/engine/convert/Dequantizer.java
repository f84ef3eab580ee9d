package io.spikelet.engine.convert;

import io.spikelet.engine.model.MappedWeights;
import io.spikelet.engine.model.ModelFamilies;
import io.spikelet.engine.model.ModelManifest;
import io.spikelet.engine.model.Provenance;
import io.spikelet.engine.model.TensorSpec;
import io.spikelet.engine.tensor.BitMatrix;
import io.spikelet.engine.tensor.DType;
import io.spikelet.engine.tensor.FloatMatrix;
import io.spikelet.engine.tensor.Int8Matrix;
import io.spikelet.engine.tensor.Layout;
import io.spikelet.engine.tensor.Matrix;
import io.spikelet.engine.tensor.W8A8Matrix;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Writes a model directory with the weights of another one as float32 (code times scale) in the same layouts: the same
 * network without quantisation, to compare speeds. The output has no tokenizer. Stateless.
 */
public final class Dequantizer {
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT.withOrder(ByteOrder.LITTLE_ENDIAN);

    private Dequantizer() {}

    /** Approximate bytes of a model's weights as float32, without alignment. */
    public static long weightsBytes(ModelManifest manifest) {
        return manifest.tensors().stream()
                .mapToLong(entry ->
                        entry.layout().elements(entry.outputs(), entry.inputs()) * (long) DType.FLOAT32.bytes())
                .sum();
    }

    /**
     * Writes {@code output}, which appears complete or not at all.
     *
     * @throws io.spikelet.engine.model.ModelFormatException if {@code model} is not a valid model directory
     * @throws IllegalArgumentException if the output exists
     * @throws UncheckedIOException if it cannot be written
     */
    public static void dequantize(Path model, ModelFamilies families, Path output) {
        try (MappedWeights weights = MappedWeights.map(model, families)) {
            ModelOutput.create(output, directory -> {
                try (WeightsWriter writer = new WeightsWriter(directory.resolve(ModelManifest.WEIGHTS_FILE))) {
                    return write(weights, writer);
                }
            });
        }
    }

    private static ModelManifest write(MappedWeights weights, WeightsWriter writer) throws IOException {
        ModelManifest source = weights.manifest();
        for (TensorSpec spec : source.config().tensors()) {
            if (spec.layout() == Layout.BIT_ROWS) {
                writer.bits(spec, signs(weights.bits(spec.name())));
            } else if (spec.isMatrix()) {
                writer.matrix(spec, elements(weights.matrix(spec.name())), Optional.empty());
            } else {
                writer.vector(spec, weights.vector(spec.name()));
            }
        }
        writer.finish();
        return new ModelManifest(
                source.config(),
                writer.entries(),
                writer.bytes(),
                writer.sha256(),
                Optional.empty(),
                OptionalInt.empty(),
                new Provenance(
                        "dequantised " + source.provenance().source(),
                        Optional.of(source.weightsSha256()),
                        Converter.VERSION),
                List.of());
    }

    private static RowElements elements(Matrix matrix) {
        return (output, from, count, block, at, step) -> {
            for (int i = 0; i < count; i++) {
                long element = matrix.layout().index(output, from + i, matrix.outputs(), matrix.inputs());
                block.putFloat((at + i * step) * Float.BYTES, weight(matrix, output, element));
            }
        };
    }

    private static RowElements signs(BitMatrix bits) {
        long[] row = new long[bits.words()];
        return (output, from, count, block, at, step) -> {
            bits.row(output, row, 0);
            for (int i = 0; i < count; i++) {
                block.put(at + i * step, (byte) ((row[(from + i) / Long.SIZE] >>> (from + i) & 1) - 1));
            }
        };
    }

    private static float weight(Matrix matrix, int output, long element) {
        return switch (matrix) {
            case Int8Matrix int8 -> int8.data().get(ValueLayout.JAVA_BYTE, element) * int8.scales()[output];
            case W8A8Matrix w8a8 ->
                (Byte.toUnsignedInt(w8a8.data().get(ValueLayout.JAVA_BYTE, element)) - W8A8Matrix.ZERO_POINT)
                        * w8a8.scales()[output];
            case FloatMatrix floats -> floats.data().get(FLOAT, element * Float.BYTES);
        };
    }
}

package io.spikelet.engine.convert;

import io.spikelet.engine.model.QuantizationEntry;
import io.spikelet.engine.model.TensorSpec;
import io.spikelet.engine.tensor.DType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Turns tensors of a checkpoint into stored ones, quantising matrices on the way. */
public final class TensorConverter {
    private static final int CHUNK = 1 << 16;

    private final WeightsWriter writer;
    private final List<QuantizationEntry> quantization = new ArrayList<>();
    private float[] row = new float[CHUNK];

    TensorConverter(WeightsWriter writer) {
        this.writer = writer;
    }

    /** Converts one tensor. Vectors are always float32; a bit is 1 where the element is at least 0. */
    public void convert(TensorSpec spec, MatrixSource source, DType dtype) throws IOException {
        if (!spec.isMatrix()) {
            float[] values = new float[source.columns()];
            source.read(0, 0, values.length, values);
            vector(spec, values);
        } else if (dtype == DType.BITS) {
            writer.bits(spec, signs(source));
        } else if (dtype == DType.FLOAT32) {
            writer.matrix(spec, floats(source), Optional.empty());
        } else {
            float[] scales = scales(source);
            QuantizationError error = new QuantizationError();
            writer.matrix(spec, codes(source, scales, error), Optional.of(scales));
            long elements = (long) source.rows() * source.columns();
            quantization.add(new QuantizationEntry(spec.name(), error.max, Math.sqrt(error.squares / elements)));
        }
    }

    /** Writes a vector or scalar that is not an entry of the checkpoint. */
    public void vector(TensorSpec spec, float[] values) throws IOException {
        writer.vector(spec, values);
    }

    /** The row sums of a matrix as it is stored: exact sums of its codes, or sums of its float32 elements. */
    public float[] rowSums(MatrixSource source, DType dtype) {
        float[] scales = dtype == DType.INT8 ? scales(source) : new float[0];
        float[] sums = new float[source.rows()];
        for (int output = 0; output < sums.length; output++) {
            double sum = 0;
            for (int from = 0; from < source.columns(); from += CHUNK) {
                int count = Math.min(CHUNK, source.columns() - from);
                float[] values = read(source, output, from, count);
                for (int i = 0; i < count; i++) {
                    sum += dtype == DType.INT8 ? Int8Quantizer.code(values[i], scales[output]) : values[i];
                }
            }
            sums[output] = (float) sum;
        }
        return sums;
    }

    List<QuantizationEntry> quantization() {
        return List.copyOf(quantization);
    }

    private RowElements floats(MatrixSource source) {
        return (output, from, count, block, at, step) -> {
            float[] values = read(source, output, from, count);
            for (int i = 0; i < count; i++) {
                block.putFloat((at + i * step) * Float.BYTES, values[i]);
            }
        };
    }

    /** Both zeros count as at least 0 and become ones. */
    private RowElements signs(MatrixSource source) {
        return (output, from, count, block, at, step) -> {
            float[] values = read(source, output, from, count);
            for (int i = 0; i < count; i++) {
                block.put(at + i * step, (byte) (values[i] >= 0 ? 1 : -1));
            }
        };
    }

    private RowElements codes(MatrixSource source, float[] scales, QuantizationError error) {
        return (output, from, count, block, at, step) -> {
            float[] values = read(source, output, from, count);
            putCodes(values, count, scales[output], block, at, step);
            error.add(values, count, scales[output], block, at, step);
        };
    }

    private static void putCodes(float[] values, int count, float scale, ByteBuffer block, int at, int step) {
        for (int i = 0; i < count; i++) {
            block.put(at + i * step, Int8Quantizer.code(values[i], scale));
        }
    }

    private float[] scales(MatrixSource source) {
        float[] scales = new float[source.rows()];
        for (int output = 0; output < scales.length; output++) {
            float max = 0;
            for (int from = 0; from < source.columns(); from += CHUNK) {
                int count = Math.min(CHUNK, source.columns() - from);
                max = Int8Quantizer.maxMagnitude(read(source, output, from, count), count, max);
            }
            scales[output] = Int8Quantizer.scale(max);
        }
        return scales;
    }

    private float[] read(MatrixSource source, int output, int from, int count) {
        if (row.length < count) {
            row = new float[count];
        }
        source.read(output, from, count, row);
        return row;
    }

    /** The rounding error so far, summed in the order of storage, which is the same in every run. */
    private static final class QuantizationError {
        private double max;
        private double squares;

        void add(float[] values, int count, float scale, ByteBuffer block, int at, int step) {
            for (int i = 0; i < count; i++) {
                double error = Math.abs((double) values[i] - block.get(at + i * step) * scale);
                max = Math.max(max, error);
                squares += error * error;
            }
        }
    }
}

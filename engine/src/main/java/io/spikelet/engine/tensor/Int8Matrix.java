package io.spikelet.engine.tensor;

import java.lang.foreign.MemorySegment;

/**
 * INT8 codes with one float32 scale per output: weight (n, k) is {@code code * scales[n]}.
 *
 * @param data codes in {@code layout}, {@code [-127, 127]}
 * @param scales {@code [outputs]}
 */
public record Int8Matrix(MemorySegment data, float[] scales, int outputs, int inputs, Layout layout) implements Matrix {
    public Int8Matrix {
        MatrixShape.check(data, DType.INT8, outputs, inputs, layout);
        if (scales.length != outputs) {
            throw new IllegalArgumentException(scales.length + " scales for " + outputs + " outputs");
        }
    }
}

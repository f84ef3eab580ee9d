package io.spikelet.engine.tensor;

import java.lang.foreign.MemorySegment;

/**
 * Float32 weights, little-endian.
 *
 * @param data weights in {@code layout}
 */
public record FloatMatrix(MemorySegment data, int outputs, int inputs, Layout layout) implements Matrix {
    public FloatMatrix {
        MatrixShape.check(data, DType.FLOAT32, outputs, inputs, layout);
    }
}

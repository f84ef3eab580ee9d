package io.spikelet.engine.tensor;

import java.lang.foreign.MemorySegment;

/** The check that makes the kernels' unchecked offsets safe: a matrix has all the bytes of its shape. */
final class MatrixShape {
    private MatrixShape() {}

    static void check(MemorySegment data, DType dtype, int outputs, int inputs, Layout layout) {
        if (outputs < 1 || inputs < 1 || layout == Layout.VECTOR) {
            throw new IllegalArgumentException("not a matrix: [" + outputs + ", " + inputs + "] " + layout.label());
        }
        long expected = Math.multiplyExact(layout.elements(outputs, inputs), dtype.bytes());
        if (data.byteSize() != expected) {
            throw new IllegalArgumentException("matrix [" + outputs + ", " + inputs + "] " + layout.label() + " needs "
                    + expected + " bytes, got " + data.byteSize());
        }
    }
}

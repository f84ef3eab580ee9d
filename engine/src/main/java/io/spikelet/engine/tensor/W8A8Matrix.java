package io.spikelet.engine.tensor;

import java.lang.foreign.MemorySegment;

/**
 * INT8 codes that multiply INT8 inputs, with one float32 scale per output. A code is stored as the unsigned byte {@code
 * code + 128}, as the integer dot product instructions of CPUs require for one operand. The content of the padding does
 * not matter: padding after the last input is multiplied by zeros, and the results of padding after the last output are
 * not used.
 *
 * @param data stored codes, {@code [-127, 127]} before 128 is added, in {@link Layout#QUAD_PANEL}
 * @param scales {@code [outputs]}
 */
public record W8A8Matrix(MemorySegment data, float[] scales, int outputs, int inputs) implements Matrix {
    /** The number added to a code. */
    public static final int ZERO_POINT = 128;

    /** Maximum number of inputs: the sum of this many products of any signed byte and an input code fits into an int. */
    public static final int MAX_INPUTS = 1 << 17;

    public W8A8Matrix {
        if (inputs > MAX_INPUTS) {
            throw new IllegalArgumentException("a W8A8 matrix has " + inputs + " inputs; at most " + MAX_INPUTS
                    + " products sum up to an int: store it as w8a32");
        }
        MatrixShape.check(data, DType.INT8, outputs, inputs, Layout.QUAD_PANEL);
        if (scales.length != outputs) {
            throw new IllegalArgumentException(scales.length + " scales for " + outputs + " outputs");
        }
    }

    @Override
    public Layout layout() {
        return Layout.QUAD_PANEL;
    }

    /** The exception for kernels that cannot multiply this type by spikes. */
    public IllegalArgumentException unsuited() {
        return new IllegalArgumentException("a W8A8 matrix [" + outputs + ", " + inputs
                + "] multiplies continuous vectors; spikes and tokens select from int8 or float32 ones");
    }
}

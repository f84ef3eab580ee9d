package io.spikelet.engine.kernel;

import io.spikelet.engine.tensor.Layout;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * Input vectors rounded to INT8, each with its own factor, as {@link DenseKernels} defines for W8A8. Codes are stored
 * as {@code [column][inputs padded to a quad]}, the padding 0.
 *
 * <p>Not thread-safe.
 */
final class ColumnCodes {
    static final int MAX_CODE = 127;

    /**
     * A vector whose largest magnitude is below this counts as zero, because the inverse of its factor might be
     * infinite.
     */
    static final float SMALLEST = 0x1p-120f;

    private static final int INFINITY_BITS = 0x7f800000;

    final byte[] codes; // (column, input)
    final int[] totals; // (column): the sum of its codes
    final float[] factors; // (column)
    final MemorySegment codesSegment;
    final MemorySegment totalsSegment;
    final MemorySegment factorsSegment;
    private final Map<float[], MemorySegment> segments =
            new IdentityHashMap<>(); // for a model's scales and a pass's buffers
    private int stride;
    private boolean present;

    ColumnCodes(int maxColumns, int maxInputs) {
        this.codes = new byte[Math.multiplyExact(maxColumns, Layout.padQuad(maxInputs))];
        this.totals = new int[maxColumns];
        this.factors = new float[maxColumns];
        this.codesSegment = MemorySegment.ofArray(codes);
        this.totalsSegment = MemorySegment.ofArray(totals);
        this.factorsSegment = MemorySegment.ofArray(factors);
    }

    /** The segment of an array, cached because a product must not allocate. */
    MemorySegment segment(float[] array) {
        return segments.computeIfAbsent(array, MemorySegment::ofArray);
    }

    /** Distance between two columns, in bytes. */
    int stride() {
        return stride;
    }

    /** Marks the codes as invalid. */
    void clear() {
        present = false;
    }

    /** Rounds {@code count} vectors, {@code rows[c * inputs ..]}, unless they have been rounded already. */
    void require(DenseKernels kernels, float[] rows, int count, int inputs) {
        if (present) {
            return;
        }
        present = true;
        stride = Layout.padQuad(inputs);
        for (int c = 0; c < count; c++) {
            int from = c * inputs;
            int to = c * stride;
            int magnitude = kernels.magnitudeBits(rows, from, inputs);
            factors[c] = factor(magnitude);
            if (factors[c] > 0) {
                totals[c] = kernels.round(rows, from, inputs, inverse(magnitude), codes, to);
                Arrays.fill(codes, to + inputs, to + stride, (byte) 0);
            } else { // zero, or NaN
                totals[c] = 0;
                Arrays.fill(codes, to, to + stride, (byte) 0);
            }
        }
    }

    /** The factor of a vector whose largest magnitude has these bits: 0 if it counts as zero, NaN if not finite. */
    static float factor(int magnitudeBits) {
        if (magnitudeBits >= INFINITY_BITS) {
            return Float.NaN;
        }
        float magnitude = Float.intBitsToFloat(magnitudeBits);
        return magnitude < SMALLEST ? 0f : magnitude / MAX_CODE;
    }

    /**
     * The factor by which the entries of such a vector are multiplied before rounding; only if {@link #factor} is above
     * 0.
     */
    static float inverse(int magnitudeBits) {
        return MAX_CODE / Float.intBitsToFloat(magnitudeBits);
    }
}

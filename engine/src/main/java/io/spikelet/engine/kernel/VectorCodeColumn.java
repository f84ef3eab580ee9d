package io.spikelet.engine.kernel;

import static io.spikelet.engine.kernel.VectorWidth.FLOATS;
import static io.spikelet.engine.kernel.VectorWidth.FLOATS_TYPE;
import static io.spikelet.engine.kernel.VectorWidth.INTS;
import static io.spikelet.engine.kernel.VectorWidth.INTS_TYPE;
import static io.spikelet.engine.kernel.VectorWidth.LANES;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.VectorOperators.LSHR;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * {@link VectorCodePanels} for one column: this case is limited by memory bandwidth, so at 512 bits it reads two panels
 * at once and converts in fewer steps. CPUs with narrower vectors have too few registers for that.
 */
final class VectorCodeColumn {
    private static final int PANEL = 64;
    private static final int BYTES = 4 * LANES;
    private static final int SPARE = PANEL; // sums that are never read

    /** Always 1, but the compiler does not know it. */
    @SuppressWarnings("NonFinalStaticField")
    private static int one = Integer.parseInt("1");

    private VectorCodeColumn() {}

    /**
     * Adds the products of two panels with one column, inputs {@code [from, to)}, to {@code y[0 .. 128)}. The panels are far
     * apart: two streams use more of the memory bandwidth than one.
     */
    static void multiplyPair(MemorySegment w, long first, long second, float[] x, int from, int to, int[] y) {
        if (LANES == 16) {
            column(w, first, second, x, from, to, y, 0, PANEL);
        } else {
            multiply(w, first, x, from, to, y, 0);
            multiply(w, second, x, from, to, y, PANEL);
        }
    }

    /** Adds the products of one panel with one column to {@code y[yo .. yo + 64)}. */
    static void multiply(MemorySegment w, long offset, float[] x, int from, int to, int[] y, int yo) {
        if (LANES == 16) { // half of the work is discarded; a matrix has at most one such panel
            column(w, offset, offset, x, from, to, y, yo, SPARE);
            return;
        }
        VectorNarrowCodePanels.multiply(w, offset, 1, x, 0, from, to, y, yo);
    }

    /**
     * One column by four vectors of outputs at each of two offsets, for inputs {@code [from, to)}, which are whole
     * quads. Of the four codes of a quad, the first three stay in place in their 32-bit integer, which multiplies them
     * by a power of two; their inputs are divided by the same power. The fourth is shifted down.
     */
    private static void column(
            MemorySegment w,
            long first,
            long second,
            float[] x,
            int from,
            int to,
            int[] y,
            int firstSums,
            int secondSums) {
        int step = 4 * one;
        FloatVector a0 = FloatVector.zero(FLOATS);
        FloatVector a1 = FloatVector.zero(FLOATS);
        FloatVector a2 = FloatVector.zero(FLOATS);
        FloatVector a3 = FloatVector.zero(FLOATS);
        FloatVector a4 = FloatVector.zero(FLOATS);
        FloatVector a5 = FloatVector.zero(FLOATS);
        FloatVector a6 = FloatVector.zero(FLOATS);
        FloatVector a7 = FloatVector.zero(FLOATS);
        for (int k = from; k < to; k += step) {
            long p = first + (long) k * PANEL;
            long q = second + (long) k * PANEL;
            FloatVector v0 = FloatVector.broadcast(FLOATS, x[k]);
            FloatVector v1 = FloatVector.broadcast(FLOATS, x[k + 1] * 0x1p-8f);
            FloatVector v2 = FloatVector.broadcast(FLOATS, x[k + 2] * 0x1p-16f);
            FloatVector v3 = FloatVector.broadcast(FLOATS, x[k + 3]);
            IntVector b0 = IntVector.fromMemorySegment(INTS, w, p, LITTLE_ENDIAN);
            a0 = ((FloatVector) INTS_TYPE.cast(b0.and(0xff)).castShape(FLOATS, 0)).fma(v0, a0);
            a0 = ((FloatVector) INTS_TYPE.cast(b0.and(0xff00)).castShape(FLOATS, 0)).fma(v1, a0);
            a0 = ((FloatVector) INTS_TYPE.cast(b0.and(0xff0000)).castShape(FLOATS, 0)).fma(v2, a0);
            a0 = ((FloatVector) INTS_TYPE.cast(b0.lanewise(LSHR, 24)).castShape(FLOATS, 0)).fma(v3, a0);
            IntVector b1 = IntVector.fromMemorySegment(INTS, w, p + BYTES, LITTLE_ENDIAN);
            a1 = ((FloatVector) INTS_TYPE.cast(b1.and(0xff)).castShape(FLOATS, 0)).fma(v0, a1);
            a1 = ((FloatVector) INTS_TYPE.cast(b1.and(0xff00)).castShape(FLOATS, 0)).fma(v1, a1);
            a1 = ((FloatVector) INTS_TYPE.cast(b1.and(0xff0000)).castShape(FLOATS, 0)).fma(v2, a1);
            a1 = ((FloatVector) INTS_TYPE.cast(b1.lanewise(LSHR, 24)).castShape(FLOATS, 0)).fma(v3, a1);
            IntVector b2 = IntVector.fromMemorySegment(INTS, w, p + 2 * BYTES, LITTLE_ENDIAN);
            a2 = ((FloatVector) INTS_TYPE.cast(b2.and(0xff)).castShape(FLOATS, 0)).fma(v0, a2);
            a2 = ((FloatVector) INTS_TYPE.cast(b2.and(0xff00)).castShape(FLOATS, 0)).fma(v1, a2);
            a2 = ((FloatVector) INTS_TYPE.cast(b2.and(0xff0000)).castShape(FLOATS, 0)).fma(v2, a2);
            a2 = ((FloatVector) INTS_TYPE.cast(b2.lanewise(LSHR, 24)).castShape(FLOATS, 0)).fma(v3, a2);
            IntVector b3 = IntVector.fromMemorySegment(INTS, w, p + 3 * BYTES, LITTLE_ENDIAN);
            a3 = ((FloatVector) INTS_TYPE.cast(b3.and(0xff)).castShape(FLOATS, 0)).fma(v0, a3);
            a3 = ((FloatVector) INTS_TYPE.cast(b3.and(0xff00)).castShape(FLOATS, 0)).fma(v1, a3);
            a3 = ((FloatVector) INTS_TYPE.cast(b3.and(0xff0000)).castShape(FLOATS, 0)).fma(v2, a3);
            a3 = ((FloatVector) INTS_TYPE.cast(b3.lanewise(LSHR, 24)).castShape(FLOATS, 0)).fma(v3, a3);
            IntVector b4 = IntVector.fromMemorySegment(INTS, w, q, LITTLE_ENDIAN);
            a4 = ((FloatVector) INTS_TYPE.cast(b4.and(0xff)).castShape(FLOATS, 0)).fma(v0, a4);
            a4 = ((FloatVector) INTS_TYPE.cast(b4.and(0xff00)).castShape(FLOATS, 0)).fma(v1, a4);
            a4 = ((FloatVector) INTS_TYPE.cast(b4.and(0xff0000)).castShape(FLOATS, 0)).fma(v2, a4);
            a4 = ((FloatVector) INTS_TYPE.cast(b4.lanewise(LSHR, 24)).castShape(FLOATS, 0)).fma(v3, a4);
            IntVector b5 = IntVector.fromMemorySegment(INTS, w, q + BYTES, LITTLE_ENDIAN);
            a5 = ((FloatVector) INTS_TYPE.cast(b5.and(0xff)).castShape(FLOATS, 0)).fma(v0, a5);
            a5 = ((FloatVector) INTS_TYPE.cast(b5.and(0xff00)).castShape(FLOATS, 0)).fma(v1, a5);
            a5 = ((FloatVector) INTS_TYPE.cast(b5.and(0xff0000)).castShape(FLOATS, 0)).fma(v2, a5);
            a5 = ((FloatVector) INTS_TYPE.cast(b5.lanewise(LSHR, 24)).castShape(FLOATS, 0)).fma(v3, a5);
            IntVector b6 = IntVector.fromMemorySegment(INTS, w, q + 2 * BYTES, LITTLE_ENDIAN);
            a6 = ((FloatVector) INTS_TYPE.cast(b6.and(0xff)).castShape(FLOATS, 0)).fma(v0, a6);
            a6 = ((FloatVector) INTS_TYPE.cast(b6.and(0xff00)).castShape(FLOATS, 0)).fma(v1, a6);
            a6 = ((FloatVector) INTS_TYPE.cast(b6.and(0xff0000)).castShape(FLOATS, 0)).fma(v2, a6);
            a6 = ((FloatVector) INTS_TYPE.cast(b6.lanewise(LSHR, 24)).castShape(FLOATS, 0)).fma(v3, a6);
            IntVector b7 = IntVector.fromMemorySegment(INTS, w, q + 3 * BYTES, LITTLE_ENDIAN);
            a7 = ((FloatVector) INTS_TYPE.cast(b7.and(0xff)).castShape(FLOATS, 0)).fma(v0, a7);
            a7 = ((FloatVector) INTS_TYPE.cast(b7.and(0xff00)).castShape(FLOATS, 0)).fma(v1, a7);
            a7 = ((FloatVector) INTS_TYPE.cast(b7.and(0xff0000)).castShape(FLOATS, 0)).fma(v2, a7);
            a7 = ((FloatVector) INTS_TYPE.cast(b7.lanewise(LSHR, 24)).castShape(FLOATS, 0)).fma(v3, a7);
        }
        ((IntVector) FLOATS_TYPE.cast(a0).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, firstSums))
                .intoArray(y, firstSums);
        ((IntVector) FLOATS_TYPE.cast(a1).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, firstSums + LANES))
                .intoArray(y, firstSums + LANES);
        ((IntVector) FLOATS_TYPE.cast(a2).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, firstSums + 2 * LANES))
                .intoArray(y, firstSums + 2 * LANES);
        ((IntVector) FLOATS_TYPE.cast(a3).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, firstSums + 3 * LANES))
                .intoArray(y, firstSums + 3 * LANES);
        ((IntVector) FLOATS_TYPE.cast(a4).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, secondSums))
                .intoArray(y, secondSums);
        ((IntVector) FLOATS_TYPE.cast(a5).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, secondSums + LANES))
                .intoArray(y, secondSums + LANES);
        ((IntVector) FLOATS_TYPE.cast(a6).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, secondSums + 2 * LANES))
                .intoArray(y, secondSums + 2 * LANES);
        ((IntVector) FLOATS_TYPE.cast(a7).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, secondSums + 3 * LANES))
                .intoArray(y, secondSums + 3 * LANES);
    }
}

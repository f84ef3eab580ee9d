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
 * Products of panels of unsigned codes with rounded inputs, for CPUs without integer dot products or JVMs that may not
 * use them. The Vector API has no such operation, but float32 represents integers below 2^24 exactly. A sum of at most
 * {@value #BLOCK} products of a byte and a code is below that, so a chain of {@code fma} is exact; it is then added to
 * the integer sums.
 *
 * <p>The loop stride is a value that the compiler cannot know, and nothing is factored out; {@link VectorPanels}
 * explains why.
 */
final class VectorCodePanels {
    /** Inputs that one chain covers: 255 * 127 * 512 is below 2^24. */
    static final int BLOCK = 512;

    private static final int PANEL = 64;
    private static final int QUADS = 4 * PANEL; // bytes of four inputs of all outputs of a panel
    private static final int BYTES = 4 * LANES;

    /** Always 1, but the compiler does not know it. */
    @SuppressWarnings("NonFinalStaticField")
    private static int one = Integer.parseInt("1");

    private VectorCodePanels() {}

    /**
     * Adds the products of one panel with {@code columns} interleaved columns (2, 4 or 6), inputs {@code [from, to)}, to
     * {@code y[c * 64 + n]}.
     */
    static void multiply(
            MemorySegment w, long offset, int columns, float[] x, int xo, int from, int to, int[] y, int yo) {
        if (LANES == 16) {
            switch (columns) {
                case 6 -> tile4x6(w, offset, x, xo, from, to, y, yo);
                case 4 -> tile4x4(w, offset, x, xo, from, to, y, yo);
                default -> tile4x2(w, offset, x, xo, from, to, y, yo);
            }
            return;
        }
        VectorNarrowCodePanels.multiply(w, offset, columns, x, xo, from, to, y, yo);
    }

    /** 4 vectors of outputs by 6 columns. */
    private static void tile4x6(MemorySegment w, long offset, float[] x, int xo, int from, int to, int[] y, int yo) {
        int step = one;
        FloatVector a00 = FloatVector.zero(FLOATS);
        FloatVector a10 = FloatVector.zero(FLOATS);
        FloatVector a20 = FloatVector.zero(FLOATS);
        FloatVector a30 = FloatVector.zero(FLOATS);
        FloatVector a01 = FloatVector.zero(FLOATS);
        FloatVector a11 = FloatVector.zero(FLOATS);
        FloatVector a21 = FloatVector.zero(FLOATS);
        FloatVector a31 = FloatVector.zero(FLOATS);
        FloatVector a02 = FloatVector.zero(FLOATS);
        FloatVector a12 = FloatVector.zero(FLOATS);
        FloatVector a22 = FloatVector.zero(FLOATS);
        FloatVector a32 = FloatVector.zero(FLOATS);
        FloatVector a03 = FloatVector.zero(FLOATS);
        FloatVector a13 = FloatVector.zero(FLOATS);
        FloatVector a23 = FloatVector.zero(FLOATS);
        FloatVector a33 = FloatVector.zero(FLOATS);
        FloatVector a04 = FloatVector.zero(FLOATS);
        FloatVector a14 = FloatVector.zero(FLOATS);
        FloatVector a24 = FloatVector.zero(FLOATS);
        FloatVector a34 = FloatVector.zero(FLOATS);
        FloatVector a05 = FloatVector.zero(FLOATS);
        FloatVector a15 = FloatVector.zero(FLOATS);
        FloatVector a25 = FloatVector.zero(FLOATS);
        FloatVector a35 = FloatVector.zero(FLOATS);
        for (int k = from; k < to; k += step) {
            long at = offset + (long) (k >> 2) * QUADS;
            int shift = (k & 3) << 3;
            int p = xo + k * 6;
            FloatVector w0 = (FloatVector) INTS_TYPE
                    .cast(IntVector.fromMemorySegment(INTS, w, at, LITTLE_ENDIAN)
                            .lanewise(LSHR, shift)
                            .and(0xff))
                    .castShape(FLOATS, 0);
            FloatVector w1 = (FloatVector) INTS_TYPE
                    .cast(IntVector.fromMemorySegment(INTS, w, at + BYTES, LITTLE_ENDIAN)
                            .lanewise(LSHR, shift)
                            .and(0xff))
                    .castShape(FLOATS, 0);
            FloatVector w2 = (FloatVector) INTS_TYPE
                    .cast(IntVector.fromMemorySegment(INTS, w, at + 2 * BYTES, LITTLE_ENDIAN)
                            .lanewise(LSHR, shift)
                            .and(0xff))
                    .castShape(FLOATS, 0);
            FloatVector w3 = (FloatVector) INTS_TYPE
                    .cast(IntVector.fromMemorySegment(INTS, w, at + 3 * BYTES, LITTLE_ENDIAN)
                            .lanewise(LSHR, shift)
                            .and(0xff))
                    .castShape(FLOATS, 0);
            FloatVector v0 = FloatVector.broadcast(FLOATS, x[p]);
            a00 = w0.fma(v0, a00);
            a10 = w1.fma(v0, a10);
            a20 = w2.fma(v0, a20);
            a30 = w3.fma(v0, a30);
            FloatVector v1 = FloatVector.broadcast(FLOATS, x[p + 1]);
            a01 = w0.fma(v1, a01);
            a11 = w1.fma(v1, a11);
            a21 = w2.fma(v1, a21);
            a31 = w3.fma(v1, a31);
            FloatVector v2 = FloatVector.broadcast(FLOATS, x[p + 2]);
            a02 = w0.fma(v2, a02);
            a12 = w1.fma(v2, a12);
            a22 = w2.fma(v2, a22);
            a32 = w3.fma(v2, a32);
            FloatVector v3 = FloatVector.broadcast(FLOATS, x[p + 3]);
            a03 = w0.fma(v3, a03);
            a13 = w1.fma(v3, a13);
            a23 = w2.fma(v3, a23);
            a33 = w3.fma(v3, a33);
            FloatVector v4 = FloatVector.broadcast(FLOATS, x[p + 4]);
            a04 = w0.fma(v4, a04);
            a14 = w1.fma(v4, a14);
            a24 = w2.fma(v4, a24);
            a34 = w3.fma(v4, a34);
            FloatVector v5 = FloatVector.broadcast(FLOATS, x[p + 5]);
            a05 = w0.fma(v5, a05);
            a15 = w1.fma(v5, a15);
            a25 = w2.fma(v5, a25);
            a35 = w3.fma(v5, a35);
        }
        ((IntVector) FLOATS_TYPE.cast(a00).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo))
                .intoArray(y, yo);
        ((IntVector) FLOATS_TYPE.cast(a10).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + LANES))
                .intoArray(y, yo + LANES);
        ((IntVector) FLOATS_TYPE.cast(a20).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + 2 * LANES))
                .intoArray(y, yo + 2 * LANES);
        ((IntVector) FLOATS_TYPE.cast(a30).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + 3 * LANES))
                .intoArray(y, yo + 3 * LANES);
        ((IntVector) FLOATS_TYPE.cast(a01).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + PANEL))
                .intoArray(y, yo + PANEL);
        ((IntVector) FLOATS_TYPE.cast(a11).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + PANEL + LANES))
                .intoArray(y, yo + PANEL + LANES);
        ((IntVector) FLOATS_TYPE.cast(a21).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + PANEL + 2 * LANES))
                .intoArray(y, yo + PANEL + 2 * LANES);
        ((IntVector) FLOATS_TYPE.cast(a31).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + PANEL + 3 * LANES))
                .intoArray(y, yo + PANEL + 3 * LANES);
        ((IntVector) FLOATS_TYPE.cast(a02).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + 2 * PANEL))
                .intoArray(y, yo + 2 * PANEL);
        ((IntVector) FLOATS_TYPE.cast(a12).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + 2 * PANEL + LANES))
                .intoArray(y, yo + 2 * PANEL + LANES);
        ((IntVector) FLOATS_TYPE.cast(a22).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + 2 * PANEL + 2 * LANES))
                .intoArray(y, yo + 2 * PANEL + 2 * LANES);
        ((IntVector) FLOATS_TYPE.cast(a32).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + 2 * PANEL + 3 * LANES))
                .intoArray(y, yo + 2 * PANEL + 3 * LANES);
        ((IntVector) FLOATS_TYPE.cast(a03).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + 3 * PANEL))
                .intoArray(y, yo + 3 * PANEL);
        ((IntVector) FLOATS_TYPE.cast(a13).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + 3 * PANEL + LANES))
                .intoArray(y, yo + 3 * PANEL + LANES);
        ((IntVector) FLOATS_TYPE.cast(a23).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + 3 * PANEL + 2 * LANES))
                .intoArray(y, yo + 3 * PANEL + 2 * LANES);
        ((IntVector) FLOATS_TYPE.cast(a33).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + 3 * PANEL + 3 * LANES))
                .intoArray(y, yo + 3 * PANEL + 3 * LANES);
        ((IntVector) FLOATS_TYPE.cast(a04).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + 4 * PANEL))
                .intoArray(y, yo + 4 * PANEL);
        ((IntVector) FLOATS_TYPE.cast(a14).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + 4 * PANEL + LANES))
                .intoArray(y, yo + 4 * PANEL + LANES);
        ((IntVector) FLOATS_TYPE.cast(a24).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + 4 * PANEL + 2 * LANES))
                .intoArray(y, yo + 4 * PANEL + 2 * LANES);
        ((IntVector) FLOATS_TYPE.cast(a34).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + 4 * PANEL + 3 * LANES))
                .intoArray(y, yo + 4 * PANEL + 3 * LANES);
        ((IntVector) FLOATS_TYPE.cast(a05).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + 5 * PANEL))
                .intoArray(y, yo + 5 * PANEL);
        ((IntVector) FLOATS_TYPE.cast(a15).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + 5 * PANEL + LANES))
                .intoArray(y, yo + 5 * PANEL + LANES);
        ((IntVector) FLOATS_TYPE.cast(a25).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + 5 * PANEL + 2 * LANES))
                .intoArray(y, yo + 5 * PANEL + 2 * LANES);
        ((IntVector) FLOATS_TYPE.cast(a35).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + 5 * PANEL + 3 * LANES))
                .intoArray(y, yo + 5 * PANEL + 3 * LANES);
    }

    /** 4 vectors of outputs by 4 columns. */
    private static void tile4x4(MemorySegment w, long offset, float[] x, int xo, int from, int to, int[] y, int yo) {
        int step = one;
        FloatVector a00 = FloatVector.zero(FLOATS);
        FloatVector a10 = FloatVector.zero(FLOATS);
        FloatVector a20 = FloatVector.zero(FLOATS);
        FloatVector a30 = FloatVector.zero(FLOATS);
        FloatVector a01 = FloatVector.zero(FLOATS);
        FloatVector a11 = FloatVector.zero(FLOATS);
        FloatVector a21 = FloatVector.zero(FLOATS);
        FloatVector a31 = FloatVector.zero(FLOATS);
        FloatVector a02 = FloatVector.zero(FLOATS);
        FloatVector a12 = FloatVector.zero(FLOATS);
        FloatVector a22 = FloatVector.zero(FLOATS);
        FloatVector a32 = FloatVector.zero(FLOATS);
        FloatVector a03 = FloatVector.zero(FLOATS);
        FloatVector a13 = FloatVector.zero(FLOATS);
        FloatVector a23 = FloatVector.zero(FLOATS);
        FloatVector a33 = FloatVector.zero(FLOATS);
        for (int k = from; k < to; k += step) {
            long at = offset + (long) (k >> 2) * QUADS;
            int shift = (k & 3) << 3;
            int p = xo + k * 4;
            FloatVector w0 = (FloatVector) INTS_TYPE
                    .cast(IntVector.fromMemorySegment(INTS, w, at, LITTLE_ENDIAN)
                            .lanewise(LSHR, shift)
                            .and(0xff))
                    .castShape(FLOATS, 0);
            FloatVector w1 = (FloatVector) INTS_TYPE
                    .cast(IntVector.fromMemorySegment(INTS, w, at + BYTES, LITTLE_ENDIAN)
                            .lanewise(LSHR, shift)
                            .and(0xff))
                    .castShape(FLOATS, 0);
            FloatVector w2 = (FloatVector) INTS_TYPE
                    .cast(IntVector.fromMemorySegment(INTS, w, at + 2 * BYTES, LITTLE_ENDIAN)
                            .lanewise(LSHR, shift)
                            .and(0xff))
                    .castShape(FLOATS, 0);
            FloatVector w3 = (FloatVector) INTS_TYPE
                    .cast(IntVector.fromMemorySegment(INTS, w, at + 3 * BYTES, LITTLE_ENDIAN)
                            .lanewise(LSHR, shift)
                            .and(0xff))
                    .castShape(FLOATS, 0);
            FloatVector v0 = FloatVector.broadcast(FLOATS, x[p]);
            a00 = w0.fma(v0, a00);
            a10 = w1.fma(v0, a10);
            a20 = w2.fma(v0, a20);
            a30 = w3.fma(v0, a30);
            FloatVector v1 = FloatVector.broadcast(FLOATS, x[p + 1]);
            a01 = w0.fma(v1, a01);
            a11 = w1.fma(v1, a11);
            a21 = w2.fma(v1, a21);
            a31 = w3.fma(v1, a31);
            FloatVector v2 = FloatVector.broadcast(FLOATS, x[p + 2]);
            a02 = w0.fma(v2, a02);
            a12 = w1.fma(v2, a12);
            a22 = w2.fma(v2, a22);
            a32 = w3.fma(v2, a32);
            FloatVector v3 = FloatVector.broadcast(FLOATS, x[p + 3]);
            a03 = w0.fma(v3, a03);
            a13 = w1.fma(v3, a13);
            a23 = w2.fma(v3, a23);
            a33 = w3.fma(v3, a33);
        }
        ((IntVector) FLOATS_TYPE.cast(a00).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo))
                .intoArray(y, yo);
        ((IntVector) FLOATS_TYPE.cast(a10).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + LANES))
                .intoArray(y, yo + LANES);
        ((IntVector) FLOATS_TYPE.cast(a20).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + 2 * LANES))
                .intoArray(y, yo + 2 * LANES);
        ((IntVector) FLOATS_TYPE.cast(a30).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + 3 * LANES))
                .intoArray(y, yo + 3 * LANES);
        ((IntVector) FLOATS_TYPE.cast(a01).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + PANEL))
                .intoArray(y, yo + PANEL);
        ((IntVector) FLOATS_TYPE.cast(a11).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + PANEL + LANES))
                .intoArray(y, yo + PANEL + LANES);
        ((IntVector) FLOATS_TYPE.cast(a21).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + PANEL + 2 * LANES))
                .intoArray(y, yo + PANEL + 2 * LANES);
        ((IntVector) FLOATS_TYPE.cast(a31).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + PANEL + 3 * LANES))
                .intoArray(y, yo + PANEL + 3 * LANES);
        ((IntVector) FLOATS_TYPE.cast(a02).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + 2 * PANEL))
                .intoArray(y, yo + 2 * PANEL);
        ((IntVector) FLOATS_TYPE.cast(a12).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + 2 * PANEL + LANES))
                .intoArray(y, yo + 2 * PANEL + LANES);
        ((IntVector) FLOATS_TYPE.cast(a22).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + 2 * PANEL + 2 * LANES))
                .intoArray(y, yo + 2 * PANEL + 2 * LANES);
        ((IntVector) FLOATS_TYPE.cast(a32).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + 2 * PANEL + 3 * LANES))
                .intoArray(y, yo + 2 * PANEL + 3 * LANES);
        ((IntVector) FLOATS_TYPE.cast(a03).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + 3 * PANEL))
                .intoArray(y, yo + 3 * PANEL);
        ((IntVector) FLOATS_TYPE.cast(a13).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + 3 * PANEL + LANES))
                .intoArray(y, yo + 3 * PANEL + LANES);
        ((IntVector) FLOATS_TYPE.cast(a23).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + 3 * PANEL + 2 * LANES))
                .intoArray(y, yo + 3 * PANEL + 2 * LANES);
        ((IntVector) FLOATS_TYPE.cast(a33).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + 3 * PANEL + 3 * LANES))
                .intoArray(y, yo + 3 * PANEL + 3 * LANES);
    }

    /** 4 vectors of outputs by 2 columns. */
    private static void tile4x2(MemorySegment w, long offset, float[] x, int xo, int from, int to, int[] y, int yo) {
        int step = one;
        FloatVector a00 = FloatVector.zero(FLOATS);
        FloatVector a10 = FloatVector.zero(FLOATS);
        FloatVector a20 = FloatVector.zero(FLOATS);
        FloatVector a30 = FloatVector.zero(FLOATS);
        FloatVector a01 = FloatVector.zero(FLOATS);
        FloatVector a11 = FloatVector.zero(FLOATS);
        FloatVector a21 = FloatVector.zero(FLOATS);
        FloatVector a31 = FloatVector.zero(FLOATS);
        for (int k = from; k < to; k += step) {
            long at = offset + (long) (k >> 2) * QUADS;
            int shift = (k & 3) << 3;
            int p = xo + k * 2;
            FloatVector w0 = (FloatVector) INTS_TYPE
                    .cast(IntVector.fromMemorySegment(INTS, w, at, LITTLE_ENDIAN)
                            .lanewise(LSHR, shift)
                            .and(0xff))
                    .castShape(FLOATS, 0);
            FloatVector w1 = (FloatVector) INTS_TYPE
                    .cast(IntVector.fromMemorySegment(INTS, w, at + BYTES, LITTLE_ENDIAN)
                            .lanewise(LSHR, shift)
                            .and(0xff))
                    .castShape(FLOATS, 0);
            FloatVector w2 = (FloatVector) INTS_TYPE
                    .cast(IntVector.fromMemorySegment(INTS, w, at + 2 * BYTES, LITTLE_ENDIAN)
                            .lanewise(LSHR, shift)
                            .and(0xff))
                    .castShape(FLOATS, 0);
            FloatVector w3 = (FloatVector) INTS_TYPE
                    .cast(IntVector.fromMemorySegment(INTS, w, at + 3 * BYTES, LITTLE_ENDIAN)
                            .lanewise(LSHR, shift)
                            .and(0xff))
                    .castShape(FLOATS, 0);
            FloatVector v0 = FloatVector.broadcast(FLOATS, x[p]);
            a00 = w0.fma(v0, a00);
            a10 = w1.fma(v0, a10);
            a20 = w2.fma(v0, a20);
            a30 = w3.fma(v0, a30);
            FloatVector v1 = FloatVector.broadcast(FLOATS, x[p + 1]);
            a01 = w0.fma(v1, a01);
            a11 = w1.fma(v1, a11);
            a21 = w2.fma(v1, a21);
            a31 = w3.fma(v1, a31);
        }
        ((IntVector) FLOATS_TYPE.cast(a00).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo))
                .intoArray(y, yo);
        ((IntVector) FLOATS_TYPE.cast(a10).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + LANES))
                .intoArray(y, yo + LANES);
        ((IntVector) FLOATS_TYPE.cast(a20).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + 2 * LANES))
                .intoArray(y, yo + 2 * LANES);
        ((IntVector) FLOATS_TYPE.cast(a30).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + 3 * LANES))
                .intoArray(y, yo + 3 * LANES);
        ((IntVector) FLOATS_TYPE.cast(a01).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + PANEL))
                .intoArray(y, yo + PANEL);
        ((IntVector) FLOATS_TYPE.cast(a11).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + PANEL + LANES))
                .intoArray(y, yo + PANEL + LANES);
        ((IntVector) FLOATS_TYPE.cast(a21).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + PANEL + 2 * LANES))
                .intoArray(y, yo + PANEL + 2 * LANES);
        ((IntVector) FLOATS_TYPE.cast(a31).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + PANEL + 3 * LANES))
                .intoArray(y, yo + PANEL + 3 * LANES);
    }
}

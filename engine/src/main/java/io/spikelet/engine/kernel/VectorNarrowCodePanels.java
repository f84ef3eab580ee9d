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

/** {@link VectorCodePanels} for CPUs with 16 vector registers: tiles two vectors high. */
final class VectorNarrowCodePanels {
    private static final int PANEL = 64;
    private static final int QUADS = 4 * PANEL; // bytes of four inputs of all outputs of a panel
    private static final int BYTES = 4 * LANES;

    @SuppressWarnings("NonFinalStaticField")
    private static int one = Integer.parseInt("1");

    private VectorNarrowCodePanels() {}

    /** Like {@link VectorCodePanels#multiply}. */
    static void multiply(
            MemorySegment w, long offset, int columns, float[] x, int xo, int from, int to, int[] y, int yo) {
        for (int s = 0; s < PANEL; s += 2 * LANES) {
            switch (columns) {
                case 6 -> tile2x6(w, offset + 4L * s, x, xo, from, to, y, yo + s);
                case 4 -> tile2x4(w, offset + 4L * s, x, xo, from, to, y, yo + s);
                case 2 -> tile2x2(w, offset + 4L * s, x, xo, from, to, y, yo + s);
                default -> tile2x1(w, offset + 4L * s, x, xo, from, to, y, yo + s);
            }
        }
    }

    /** 2 vectors of outputs by 6 columns. */
    private static void tile2x6(MemorySegment w, long offset, float[] x, int xo, int from, int to, int[] y, int yo) {
        int step = one;
        FloatVector a00 = FloatVector.zero(FLOATS);
        FloatVector a10 = FloatVector.zero(FLOATS);
        FloatVector a01 = FloatVector.zero(FLOATS);
        FloatVector a11 = FloatVector.zero(FLOATS);
        FloatVector a02 = FloatVector.zero(FLOATS);
        FloatVector a12 = FloatVector.zero(FLOATS);
        FloatVector a03 = FloatVector.zero(FLOATS);
        FloatVector a13 = FloatVector.zero(FLOATS);
        FloatVector a04 = FloatVector.zero(FLOATS);
        FloatVector a14 = FloatVector.zero(FLOATS);
        FloatVector a05 = FloatVector.zero(FLOATS);
        FloatVector a15 = FloatVector.zero(FLOATS);
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
            FloatVector v0 = FloatVector.broadcast(FLOATS, x[p]);
            a00 = w0.fma(v0, a00);
            a10 = w1.fma(v0, a10);
            FloatVector v1 = FloatVector.broadcast(FLOATS, x[p + 1]);
            a01 = w0.fma(v1, a01);
            a11 = w1.fma(v1, a11);
            FloatVector v2 = FloatVector.broadcast(FLOATS, x[p + 2]);
            a02 = w0.fma(v2, a02);
            a12 = w1.fma(v2, a12);
            FloatVector v3 = FloatVector.broadcast(FLOATS, x[p + 3]);
            a03 = w0.fma(v3, a03);
            a13 = w1.fma(v3, a13);
            FloatVector v4 = FloatVector.broadcast(FLOATS, x[p + 4]);
            a04 = w0.fma(v4, a04);
            a14 = w1.fma(v4, a14);
            FloatVector v5 = FloatVector.broadcast(FLOATS, x[p + 5]);
            a05 = w0.fma(v5, a05);
            a15 = w1.fma(v5, a15);
        }
        ((IntVector) FLOATS_TYPE.cast(a00).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo))
                .intoArray(y, yo);
        ((IntVector) FLOATS_TYPE.cast(a10).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + LANES))
                .intoArray(y, yo + LANES);
        ((IntVector) FLOATS_TYPE.cast(a01).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + PANEL))
                .intoArray(y, yo + PANEL);
        ((IntVector) FLOATS_TYPE.cast(a11).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + PANEL + LANES))
                .intoArray(y, yo + PANEL + LANES);
        ((IntVector) FLOATS_TYPE.cast(a02).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + 2 * PANEL))
                .intoArray(y, yo + 2 * PANEL);
        ((IntVector) FLOATS_TYPE.cast(a12).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + 2 * PANEL + LANES))
                .intoArray(y, yo + 2 * PANEL + LANES);
        ((IntVector) FLOATS_TYPE.cast(a03).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + 3 * PANEL))
                .intoArray(y, yo + 3 * PANEL);
        ((IntVector) FLOATS_TYPE.cast(a13).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + 3 * PANEL + LANES))
                .intoArray(y, yo + 3 * PANEL + LANES);
        ((IntVector) FLOATS_TYPE.cast(a04).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + 4 * PANEL))
                .intoArray(y, yo + 4 * PANEL);
        ((IntVector) FLOATS_TYPE.cast(a14).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + 4 * PANEL + LANES))
                .intoArray(y, yo + 4 * PANEL + LANES);
        ((IntVector) FLOATS_TYPE.cast(a05).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + 5 * PANEL))
                .intoArray(y, yo + 5 * PANEL);
        ((IntVector) FLOATS_TYPE.cast(a15).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + 5 * PANEL + LANES))
                .intoArray(y, yo + 5 * PANEL + LANES);
    }

    /** 2 vectors of outputs by 4 columns. */
    private static void tile2x4(MemorySegment w, long offset, float[] x, int xo, int from, int to, int[] y, int yo) {
        int step = one;
        FloatVector a00 = FloatVector.zero(FLOATS);
        FloatVector a10 = FloatVector.zero(FLOATS);
        FloatVector a01 = FloatVector.zero(FLOATS);
        FloatVector a11 = FloatVector.zero(FLOATS);
        FloatVector a02 = FloatVector.zero(FLOATS);
        FloatVector a12 = FloatVector.zero(FLOATS);
        FloatVector a03 = FloatVector.zero(FLOATS);
        FloatVector a13 = FloatVector.zero(FLOATS);
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
            FloatVector v0 = FloatVector.broadcast(FLOATS, x[p]);
            a00 = w0.fma(v0, a00);
            a10 = w1.fma(v0, a10);
            FloatVector v1 = FloatVector.broadcast(FLOATS, x[p + 1]);
            a01 = w0.fma(v1, a01);
            a11 = w1.fma(v1, a11);
            FloatVector v2 = FloatVector.broadcast(FLOATS, x[p + 2]);
            a02 = w0.fma(v2, a02);
            a12 = w1.fma(v2, a12);
            FloatVector v3 = FloatVector.broadcast(FLOATS, x[p + 3]);
            a03 = w0.fma(v3, a03);
            a13 = w1.fma(v3, a13);
        }
        ((IntVector) FLOATS_TYPE.cast(a00).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo))
                .intoArray(y, yo);
        ((IntVector) FLOATS_TYPE.cast(a10).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + LANES))
                .intoArray(y, yo + LANES);
        ((IntVector) FLOATS_TYPE.cast(a01).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + PANEL))
                .intoArray(y, yo + PANEL);
        ((IntVector) FLOATS_TYPE.cast(a11).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + PANEL + LANES))
                .intoArray(y, yo + PANEL + LANES);
        ((IntVector) FLOATS_TYPE.cast(a02).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + 2 * PANEL))
                .intoArray(y, yo + 2 * PANEL);
        ((IntVector) FLOATS_TYPE.cast(a12).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + 2 * PANEL + LANES))
                .intoArray(y, yo + 2 * PANEL + LANES);
        ((IntVector) FLOATS_TYPE.cast(a03).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + 3 * PANEL))
                .intoArray(y, yo + 3 * PANEL);
        ((IntVector) FLOATS_TYPE.cast(a13).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + 3 * PANEL + LANES))
                .intoArray(y, yo + 3 * PANEL + LANES);
    }

    /** 2 vectors of outputs by 2 columns. */
    private static void tile2x2(MemorySegment w, long offset, float[] x, int xo, int from, int to, int[] y, int yo) {
        int step = one;
        FloatVector a00 = FloatVector.zero(FLOATS);
        FloatVector a10 = FloatVector.zero(FLOATS);
        FloatVector a01 = FloatVector.zero(FLOATS);
        FloatVector a11 = FloatVector.zero(FLOATS);
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
            FloatVector v0 = FloatVector.broadcast(FLOATS, x[p]);
            a00 = w0.fma(v0, a00);
            a10 = w1.fma(v0, a10);
            FloatVector v1 = FloatVector.broadcast(FLOATS, x[p + 1]);
            a01 = w0.fma(v1, a01);
            a11 = w1.fma(v1, a11);
        }
        ((IntVector) FLOATS_TYPE.cast(a00).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo))
                .intoArray(y, yo);
        ((IntVector) FLOATS_TYPE.cast(a10).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + LANES))
                .intoArray(y, yo + LANES);
        ((IntVector) FLOATS_TYPE.cast(a01).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + PANEL))
                .intoArray(y, yo + PANEL);
        ((IntVector) FLOATS_TYPE.cast(a11).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + PANEL + LANES))
                .intoArray(y, yo + PANEL + LANES);
    }

    /** 2 vectors of outputs by 1 column. */
    private static void tile2x1(MemorySegment w, long offset, float[] x, int xo, int from, int to, int[] y, int yo) {
        int step = one;
        FloatVector a00 = FloatVector.zero(FLOATS);
        FloatVector a10 = FloatVector.zero(FLOATS);
        for (int k = from; k < to; k += step) {
            long at = offset + (long) (k >> 2) * QUADS;
            int shift = (k & 3) << 3;
            int p = xo + k;
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
            FloatVector v0 = FloatVector.broadcast(FLOATS, x[p]);
            a00 = w0.fma(v0, a00);
            a10 = w1.fma(v0, a10);
        }
        ((IntVector) FLOATS_TYPE.cast(a00).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo))
                .intoArray(y, yo);
        ((IntVector) FLOATS_TYPE.cast(a10).castShape(INTS, 0))
                .add(IntVector.fromArray(INTS, y, yo + LANES))
                .intoArray(y, yo + LANES);
    }
}

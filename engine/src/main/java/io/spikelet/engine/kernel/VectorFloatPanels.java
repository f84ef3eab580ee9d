package io.spikelet.engine.kernel;

import static io.spikelet.engine.kernel.VectorWidth.FLOATS;
import static io.spikelet.engine.kernel.VectorWidth.LANES;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/** {@link VectorPanels} for float32 weights; float32 models are only for comparison, so tiles of two vectors suffice. */
final class VectorFloatPanels {
    private static final int PANEL = 64;

    @SuppressWarnings("NonFinalStaticField")
    private static int one = Integer.parseInt("1");

    private VectorFloatPanels() {}

    /** One panel by {@code columns} interleaved columns (1, 2, 4 or 6): {@code y[c * 64 + n]}. */
    static void multiply(MemorySegment w, long offset, int columns, float[] x, int xo, int inputs, float[] y, int yo) {
        for (int s = 0; s < PANEL; s += 2 * LANES) {
            long at = offset + (long) s * Float.BYTES;
            switch (columns) {
                case 6 -> tile2x6(w, at, x, xo, inputs, y, yo + s);
                case 4 -> tile2x4(w, at, x, xo, inputs, y, yo + s);
                case 2 -> tile2x2(w, at, x, xo, inputs, y, yo + s);
                default -> tile2x1(w, at, x, xo, inputs, y, yo + s);
            }
        }
    }

    /** 2 vectors of outputs by 6 columns, float32 weights. */
    private static void tile2x6(MemorySegment w, long offset, float[] x, int xo, int inputs, float[] y, int yo) {
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
        for (int k = 0; k < inputs; k += step) {
            long at = offset + (long) k * PANEL * Float.BYTES;
            int p = xo + k * 6;
            FloatVector w0 = FloatVector.fromMemorySegment(FLOATS, w, at, LITTLE_ENDIAN);
            FloatVector w1 = FloatVector.fromMemorySegment(FLOATS, w, at + 1 * LANES * Float.BYTES, LITTLE_ENDIAN);
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
        a00.intoArray(y, yo);
        a10.intoArray(y, yo + LANES);
        a01.intoArray(y, yo + PANEL);
        a11.intoArray(y, yo + PANEL + LANES);
        a02.intoArray(y, yo + 2 * PANEL);
        a12.intoArray(y, yo + 2 * PANEL + LANES);
        a03.intoArray(y, yo + 3 * PANEL);
        a13.intoArray(y, yo + 3 * PANEL + LANES);
        a04.intoArray(y, yo + 4 * PANEL);
        a14.intoArray(y, yo + 4 * PANEL + LANES);
        a05.intoArray(y, yo + 5 * PANEL);
        a15.intoArray(y, yo + 5 * PANEL + LANES);
    }

    /** 2 vectors of outputs by 4 columns, float32 weights. */
    private static void tile2x4(MemorySegment w, long offset, float[] x, int xo, int inputs, float[] y, int yo) {
        int step = one;
        FloatVector a00 = FloatVector.zero(FLOATS);
        FloatVector a10 = FloatVector.zero(FLOATS);
        FloatVector a01 = FloatVector.zero(FLOATS);
        FloatVector a11 = FloatVector.zero(FLOATS);
        FloatVector a02 = FloatVector.zero(FLOATS);
        FloatVector a12 = FloatVector.zero(FLOATS);
        FloatVector a03 = FloatVector.zero(FLOATS);
        FloatVector a13 = FloatVector.zero(FLOATS);
        for (int k = 0; k < inputs; k += step) {
            long at = offset + (long) k * PANEL * Float.BYTES;
            int p = xo + k * 4;
            FloatVector w0 = FloatVector.fromMemorySegment(FLOATS, w, at, LITTLE_ENDIAN);
            FloatVector w1 = FloatVector.fromMemorySegment(FLOATS, w, at + 1 * LANES * Float.BYTES, LITTLE_ENDIAN);
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
        a00.intoArray(y, yo);
        a10.intoArray(y, yo + LANES);
        a01.intoArray(y, yo + PANEL);
        a11.intoArray(y, yo + PANEL + LANES);
        a02.intoArray(y, yo + 2 * PANEL);
        a12.intoArray(y, yo + 2 * PANEL + LANES);
        a03.intoArray(y, yo + 3 * PANEL);
        a13.intoArray(y, yo + 3 * PANEL + LANES);
    }

    /** 2 vectors of outputs by 2 columns, float32 weights. */
    private static void tile2x2(MemorySegment w, long offset, float[] x, int xo, int inputs, float[] y, int yo) {
        int step = one;
        FloatVector a00 = FloatVector.zero(FLOATS);
        FloatVector a10 = FloatVector.zero(FLOATS);
        FloatVector a01 = FloatVector.zero(FLOATS);
        FloatVector a11 = FloatVector.zero(FLOATS);
        for (int k = 0; k < inputs; k += step) {
            long at = offset + (long) k * PANEL * Float.BYTES;
            int p = xo + k * 2;
            FloatVector w0 = FloatVector.fromMemorySegment(FLOATS, w, at, LITTLE_ENDIAN);
            FloatVector w1 = FloatVector.fromMemorySegment(FLOATS, w, at + 1 * LANES * Float.BYTES, LITTLE_ENDIAN);
            FloatVector v0 = FloatVector.broadcast(FLOATS, x[p]);
            a00 = w0.fma(v0, a00);
            a10 = w1.fma(v0, a10);
            FloatVector v1 = FloatVector.broadcast(FLOATS, x[p + 1]);
            a01 = w0.fma(v1, a01);
            a11 = w1.fma(v1, a11);
        }
        a00.intoArray(y, yo);
        a10.intoArray(y, yo + LANES);
        a01.intoArray(y, yo + PANEL);
        a11.intoArray(y, yo + PANEL + LANES);
    }

    /** 2 vectors of outputs by 1 column, float32 weights. */
    private static void tile2x1(MemorySegment w, long offset, float[] x, int xo, int inputs, float[] y, int yo) {
        int step = one;
        FloatVector a00 = FloatVector.zero(FLOATS);
        FloatVector a10 = FloatVector.zero(FLOATS);
        for (int k = 0; k < inputs; k += step) {
            long at = offset + (long) k * PANEL * Float.BYTES;
            int p = xo + k;
            FloatVector w0 = FloatVector.fromMemorySegment(FLOATS, w, at, LITTLE_ENDIAN);
            FloatVector w1 = FloatVector.fromMemorySegment(FLOATS, w, at + 1 * LANES * Float.BYTES, LITTLE_ENDIAN);
            FloatVector v0 = FloatVector.broadcast(FLOATS, x[p]);
            a00 = w0.fma(v0, a00);
            a10 = w1.fma(v0, a10);
        }
        a00.intoArray(y, yo);
        a10.intoArray(y, yo + LANES);
    }
}

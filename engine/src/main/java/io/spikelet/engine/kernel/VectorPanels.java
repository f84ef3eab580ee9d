package io.spikelet.engine.kernel;

import static io.spikelet.engine.kernel.VectorWidth.CODES;
import static io.spikelet.engine.kernel.VectorWidth.CODES_TYPE;
import static io.spikelet.engine.kernel.VectorWidth.FLOATS;
import static io.spikelet.engine.kernel.VectorWidth.LANES;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;

/**
 * Register-blocked products of one 64-output panel of INT8 codes: a few vectors of outputs by a few columns, converted
 * from the codes in registers. Each lane is the scalar kernel's fma chain over k.
 *
 * <p>Two things here look unusual and are based on measurements. First, the loop stride is a value that the compiler
 * cannot know: unrolled loops issue their loads out of order and lose half of the memory bandwidth. Second, nothing is
 * factored out: a method that takes vectors and is not inlined boxes them on every iteration.
 */
final class VectorPanels {
    private static final int PANEL = 64;

    /** Always 1, but the compiler does not know it. */
    @SuppressWarnings("NonFinalStaticField")
    private static int one = Integer.parseInt("1");

    private VectorPanels() {}

    /** One panel by {@code columns} interleaved columns (1, 2, 4 or 6): {@code y[c * 64 + n]}. */
    static void multiply(MemorySegment w, long offset, int columns, float[] x, int xo, int inputs, float[] y, int yo) {
        if (LANES == 16) {
            switch (columns) {
                case 6 -> tile4x6(w, offset, x, xo, inputs, y, yo);
                case 4 -> tile4x4(w, offset, x, xo, inputs, y, yo);
                case 2 -> tile4x2(w, offset, x, xo, inputs, y, yo);
                default -> tile4x1(w, offset, x, xo, inputs, y, yo);
            }
            return;
        }
        VectorNarrowPanels.multiply(w, offset, columns, x, xo, inputs, y, yo);
    }

    /**
     * Two panels far apart by one column: two streams use more of the memory bandwidth than one. {@code y[0 .. 128)}.
     */
    static void multiplyPair(MemorySegment w, long first, long second, float[] x, int inputs, float[] y) {
        if (LANES == 16) {
            pair(w, first, second, x, inputs, y);
        } else {
            multiply(w, first, 1, x, 0, inputs, y, 0);
            multiply(w, second, 1, x, 0, inputs, y, PANEL);
        }
    }

    private static void pair(MemorySegment w, long first, long second, float[] x, int inputs, float[] y) {
        int step = one;
        FloatVector a0 = FloatVector.zero(FLOATS);
        FloatVector a1 = FloatVector.zero(FLOATS);
        FloatVector a2 = FloatVector.zero(FLOATS);
        FloatVector a3 = FloatVector.zero(FLOATS);
        FloatVector a4 = FloatVector.zero(FLOATS);
        FloatVector a5 = FloatVector.zero(FLOATS);
        FloatVector a6 = FloatVector.zero(FLOATS);
        FloatVector a7 = FloatVector.zero(FLOATS);
        for (int k = 0; k < inputs; k += step) {
            long p = first + (long) k * PANEL;
            long q = second + (long) k * PANEL;
            FloatVector v = FloatVector.broadcast(FLOATS, x[k]);
            FloatVector w0 = (FloatVector) CODES_TYPE
                    .cast(ByteVector.fromMemorySegment(CODES, w, p, LITTLE_ENDIAN))
                    .castShape(FLOATS, 0);
            a0 = w0.fma(v, a0);
            FloatVector w1 = (FloatVector) CODES_TYPE
                    .cast(ByteVector.fromMemorySegment(CODES, w, p + LANES, LITTLE_ENDIAN))
                    .castShape(FLOATS, 0);
            a1 = w1.fma(v, a1);
            FloatVector w2 = (FloatVector) CODES_TYPE
                    .cast(ByteVector.fromMemorySegment(CODES, w, p + 2 * LANES, LITTLE_ENDIAN))
                    .castShape(FLOATS, 0);
            a2 = w2.fma(v, a2);
            FloatVector w3 = (FloatVector) CODES_TYPE
                    .cast(ByteVector.fromMemorySegment(CODES, w, p + 3 * LANES, LITTLE_ENDIAN))
                    .castShape(FLOATS, 0);
            a3 = w3.fma(v, a3);
            FloatVector w4 = (FloatVector) CODES_TYPE
                    .cast(ByteVector.fromMemorySegment(CODES, w, q, LITTLE_ENDIAN))
                    .castShape(FLOATS, 0);
            a4 = w4.fma(v, a4);
            FloatVector w5 = (FloatVector) CODES_TYPE
                    .cast(ByteVector.fromMemorySegment(CODES, w, q + LANES, LITTLE_ENDIAN))
                    .castShape(FLOATS, 0);
            a5 = w5.fma(v, a5);
            FloatVector w6 = (FloatVector) CODES_TYPE
                    .cast(ByteVector.fromMemorySegment(CODES, w, q + 2 * LANES, LITTLE_ENDIAN))
                    .castShape(FLOATS, 0);
            a6 = w6.fma(v, a6);
            FloatVector w7 = (FloatVector) CODES_TYPE
                    .cast(ByteVector.fromMemorySegment(CODES, w, q + 3 * LANES, LITTLE_ENDIAN))
                    .castShape(FLOATS, 0);
            a7 = w7.fma(v, a7);
        }
        a0.intoArray(y, 0);
        a1.intoArray(y, LANES);
        a2.intoArray(y, 2 * LANES);
        a3.intoArray(y, 3 * LANES);
        a4.intoArray(y, 4 * LANES);
        a5.intoArray(y, 5 * LANES);
        a6.intoArray(y, 6 * LANES);
        a7.intoArray(y, 7 * LANES);
    }

    /** 4 vectors of outputs by 6 columns. */
    private static void tile4x6(MemorySegment w, long offset, float[] x, int xo, int inputs, float[] y, int yo) {
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
        for (int k = 0; k < inputs; k += step) {
            long at = offset + (long) k * PANEL;
            int p = xo + k * 6;
            FloatVector w0 = (FloatVector) CODES_TYPE
                    .cast(ByteVector.fromMemorySegment(CODES, w, at, LITTLE_ENDIAN))
                    .castShape(FLOATS, 0);
            FloatVector w1 = (FloatVector) CODES_TYPE
                    .cast(ByteVector.fromMemorySegment(CODES, w, at + LANES, LITTLE_ENDIAN))
                    .castShape(FLOATS, 0);
            FloatVector w2 = (FloatVector) CODES_TYPE
                    .cast(ByteVector.fromMemorySegment(CODES, w, at + 2 * LANES, LITTLE_ENDIAN))
                    .castShape(FLOATS, 0);
            FloatVector w3 = (FloatVector) CODES_TYPE
                    .cast(ByteVector.fromMemorySegment(CODES, w, at + 3 * LANES, LITTLE_ENDIAN))
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
        a00.intoArray(y, yo);
        a10.intoArray(y, yo + LANES);
        a20.intoArray(y, yo + 2 * LANES);
        a30.intoArray(y, yo + 3 * LANES);
        a01.intoArray(y, yo + PANEL);
        a11.intoArray(y, yo + PANEL + LANES);
        a21.intoArray(y, yo + PANEL + 2 * LANES);
        a31.intoArray(y, yo + PANEL + 3 * LANES);
        a02.intoArray(y, yo + 2 * PANEL);
        a12.intoArray(y, yo + 2 * PANEL + LANES);
        a22.intoArray(y, yo + 2 * PANEL + 2 * LANES);
        a32.intoArray(y, yo + 2 * PANEL + 3 * LANES);
        a03.intoArray(y, yo + 3 * PANEL);
        a13.intoArray(y, yo + 3 * PANEL + LANES);
        a23.intoArray(y, yo + 3 * PANEL + 2 * LANES);
        a33.intoArray(y, yo + 3 * PANEL + 3 * LANES);
        a04.intoArray(y, yo + 4 * PANEL);
        a14.intoArray(y, yo + 4 * PANEL + LANES);
        a24.intoArray(y, yo + 4 * PANEL + 2 * LANES);
        a34.intoArray(y, yo + 4 * PANEL + 3 * LANES);
        a05.intoArray(y, yo + 5 * PANEL);
        a15.intoArray(y, yo + 5 * PANEL + LANES);
        a25.intoArray(y, yo + 5 * PANEL + 2 * LANES);
        a35.intoArray(y, yo + 5 * PANEL + 3 * LANES);
    }

    /** 4 vectors of outputs by 4 columns. */
    private static void tile4x4(MemorySegment w, long offset, float[] x, int xo, int inputs, float[] y, int yo) {
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
        for (int k = 0; k < inputs; k += step) {
            long at = offset + (long) k * PANEL;
            int p = xo + k * 4;
            FloatVector w0 = (FloatVector) CODES_TYPE
                    .cast(ByteVector.fromMemorySegment(CODES, w, at, LITTLE_ENDIAN))
                    .castShape(FLOATS, 0);
            FloatVector w1 = (FloatVector) CODES_TYPE
                    .cast(ByteVector.fromMemorySegment(CODES, w, at + LANES, LITTLE_ENDIAN))
                    .castShape(FLOATS, 0);
            FloatVector w2 = (FloatVector) CODES_TYPE
                    .cast(ByteVector.fromMemorySegment(CODES, w, at + 2 * LANES, LITTLE_ENDIAN))
                    .castShape(FLOATS, 0);
            FloatVector w3 = (FloatVector) CODES_TYPE
                    .cast(ByteVector.fromMemorySegment(CODES, w, at + 3 * LANES, LITTLE_ENDIAN))
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
        a00.intoArray(y, yo);
        a10.intoArray(y, yo + LANES);
        a20.intoArray(y, yo + 2 * LANES);
        a30.intoArray(y, yo + 3 * LANES);
        a01.intoArray(y, yo + PANEL);
        a11.intoArray(y, yo + PANEL + LANES);
        a21.intoArray(y, yo + PANEL + 2 * LANES);
        a31.intoArray(y, yo + PANEL + 3 * LANES);
        a02.intoArray(y, yo + 2 * PANEL);
        a12.intoArray(y, yo + 2 * PANEL + LANES);
        a22.intoArray(y, yo + 2 * PANEL + 2 * LANES);
        a32.intoArray(y, yo + 2 * PANEL + 3 * LANES);
        a03.intoArray(y, yo + 3 * PANEL);
        a13.intoArray(y, yo + 3 * PANEL + LANES);
        a23.intoArray(y, yo + 3 * PANEL + 2 * LANES);
        a33.intoArray(y, yo + 3 * PANEL + 3 * LANES);
    }

    /** 4 vectors of outputs by 2 columns. */
    private static void tile4x2(MemorySegment w, long offset, float[] x, int xo, int inputs, float[] y, int yo) {
        int step = one;
        FloatVector a00 = FloatVector.zero(FLOATS);
        FloatVector a10 = FloatVector.zero(FLOATS);
        FloatVector a20 = FloatVector.zero(FLOATS);
        FloatVector a30 = FloatVector.zero(FLOATS);
        FloatVector a01 = FloatVector.zero(FLOATS);
        FloatVector a11 = FloatVector.zero(FLOATS);
        FloatVector a21 = FloatVector.zero(FLOATS);
        FloatVector a31 = FloatVector.zero(FLOATS);
        for (int k = 0; k < inputs; k += step) {
            long at = offset + (long) k * PANEL;
            int p = xo + k * 2;
            FloatVector w0 = (FloatVector) CODES_TYPE
                    .cast(ByteVector.fromMemorySegment(CODES, w, at, LITTLE_ENDIAN))
                    .castShape(FLOATS, 0);
            FloatVector w1 = (FloatVector) CODES_TYPE
                    .cast(ByteVector.fromMemorySegment(CODES, w, at + LANES, LITTLE_ENDIAN))
                    .castShape(FLOATS, 0);
            FloatVector w2 = (FloatVector) CODES_TYPE
                    .cast(ByteVector.fromMemorySegment(CODES, w, at + 2 * LANES, LITTLE_ENDIAN))
                    .castShape(FLOATS, 0);
            FloatVector w3 = (FloatVector) CODES_TYPE
                    .cast(ByteVector.fromMemorySegment(CODES, w, at + 3 * LANES, LITTLE_ENDIAN))
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
        a00.intoArray(y, yo);
        a10.intoArray(y, yo + LANES);
        a20.intoArray(y, yo + 2 * LANES);
        a30.intoArray(y, yo + 3 * LANES);
        a01.intoArray(y, yo + PANEL);
        a11.intoArray(y, yo + PANEL + LANES);
        a21.intoArray(y, yo + PANEL + 2 * LANES);
        a31.intoArray(y, yo + PANEL + 3 * LANES);
    }

    /** 4 vectors of outputs by 1 column. */
    private static void tile4x1(MemorySegment w, long offset, float[] x, int xo, int inputs, float[] y, int yo) {
        int step = one;
        FloatVector a00 = FloatVector.zero(FLOATS);
        FloatVector a10 = FloatVector.zero(FLOATS);
        FloatVector a20 = FloatVector.zero(FLOATS);
        FloatVector a30 = FloatVector.zero(FLOATS);
        for (int k = 0; k < inputs; k += step) {
            long at = offset + (long) k * PANEL;
            int p = xo + k;
            FloatVector w0 = (FloatVector) CODES_TYPE
                    .cast(ByteVector.fromMemorySegment(CODES, w, at, LITTLE_ENDIAN))
                    .castShape(FLOATS, 0);
            FloatVector w1 = (FloatVector) CODES_TYPE
                    .cast(ByteVector.fromMemorySegment(CODES, w, at + LANES, LITTLE_ENDIAN))
                    .castShape(FLOATS, 0);
            FloatVector w2 = (FloatVector) CODES_TYPE
                    .cast(ByteVector.fromMemorySegment(CODES, w, at + 2 * LANES, LITTLE_ENDIAN))
                    .castShape(FLOATS, 0);
            FloatVector w3 = (FloatVector) CODES_TYPE
                    .cast(ByteVector.fromMemorySegment(CODES, w, at + 3 * LANES, LITTLE_ENDIAN))
                    .castShape(FLOATS, 0);
            FloatVector v0 = FloatVector.broadcast(FLOATS, x[p]);
            a00 = w0.fma(v0, a00);
            a10 = w1.fma(v0, a10);
            a20 = w2.fma(v0, a20);
            a30 = w3.fma(v0, a30);
        }
        a00.intoArray(y, yo);
        a10.intoArray(y, yo + LANES);
        a20.intoArray(y, yo + 2 * LANES);
        a30.intoArray(y, yo + 3 * LANES);
    }
}

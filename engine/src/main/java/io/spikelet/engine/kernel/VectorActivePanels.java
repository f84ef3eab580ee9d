package io.spikelet.engine.kernel;

import static io.spikelet.engine.kernel.VectorWidth.CODES;
import static io.spikelet.engine.kernel.VectorWidth.CODES_TYPE;
import static io.spikelet.engine.kernel.VectorWidth.FLOATS;
import static io.spikelet.engine.kernel.VectorWidth.LANES;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.spikelet.engine.tensor.FloatMatrix;
import io.spikelet.engine.tensor.Int8Matrix;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;

/**
 * Products of two panels with the inputs of one vector that are not 0: an input's 64 codes are one cache line, and those of the
 * others are not read. Each lane is the scalar kernel's fma chain over the active inputs. Why nothing is factored out and the
 * stride is no constant: see {@link VectorPanels}.
 */
final class VectorActivePanels {
    private static final int PANEL = 64;

    /** Always 1, but not to the compiler. */
    @SuppressWarnings("NonFinalStaticField")
    private static int one = Integer.parseInt("1");

    private VectorActivePanels() {}

    /** Sums of panels {@code first} and {@code second} to {@code y[0 .. 128)}; factor j belongs to input {@code active[j]}. */
    static void multiply(Int8Matrix w, int first, int second, float[] factors, int[] active, int count, float[] y) {
        long p = (long) first * w.inputs() * PANEL;
        long q = (long) second * w.inputs() * PANEL;
        if (LANES == 16) {
            pair(w.data(), p, q, factors, active, count, y);
            return;
        }
        for (int s = 0; s < PANEL; s += 2 * LANES) {
            two(w.data(), p + s, q + s, factors, active, count, y, s);
        }
    }

    static void multiply(FloatMatrix w, int first, int second, float[] factors, int[] active, int count, float[] y) {
        long p = (long) first * w.inputs() * PANEL * Float.BYTES;
        long q = (long) second * w.inputs() * PANEL * Float.BYTES;
        for (int s = 0; s < PANEL; s += 2 * LANES) {
            floats(w.data(), p + s * Float.BYTES, q + s * Float.BYTES, factors, active, count, y, s);
        }
    }

    private static void pair(MemorySegment w, long p, long q, float[] factors, int[] active, int count, float[] y) {
        int step = one;
        FloatVector a0 = FloatVector.zero(FLOATS);
        FloatVector a1 = FloatVector.zero(FLOATS);
        FloatVector a2 = FloatVector.zero(FLOATS);
        FloatVector a3 = FloatVector.zero(FLOATS);
        FloatVector a4 = FloatVector.zero(FLOATS);
        FloatVector a5 = FloatVector.zero(FLOATS);
        FloatVector a6 = FloatVector.zero(FLOATS);
        FloatVector a7 = FloatVector.zero(FLOATS);
        for (int j = 0; j < count; j += step) {
            long k = (long) active[j] * PANEL;
            FloatVector v = FloatVector.broadcast(FLOATS, factors[j]);
            FloatVector w0 = (FloatVector) CODES_TYPE
                    .cast(ByteVector.fromMemorySegment(CODES, w, p + k, LITTLE_ENDIAN))
                    .castShape(FLOATS, 0);
            a0 = w0.fma(v, a0);
            FloatVector w1 = (FloatVector) CODES_TYPE
                    .cast(ByteVector.fromMemorySegment(CODES, w, p + k + LANES, LITTLE_ENDIAN))
                    .castShape(FLOATS, 0);
            a1 = w1.fma(v, a1);
            FloatVector w2 = (FloatVector) CODES_TYPE
                    .cast(ByteVector.fromMemorySegment(CODES, w, p + k + 2 * LANES, LITTLE_ENDIAN))
                    .castShape(FLOATS, 0);
            a2 = w2.fma(v, a2);
            FloatVector w3 = (FloatVector) CODES_TYPE
                    .cast(ByteVector.fromMemorySegment(CODES, w, p + k + 3 * LANES, LITTLE_ENDIAN))
                    .castShape(FLOATS, 0);
            a3 = w3.fma(v, a3);
            FloatVector w4 = (FloatVector) CODES_TYPE
                    .cast(ByteVector.fromMemorySegment(CODES, w, q + k, LITTLE_ENDIAN))
                    .castShape(FLOATS, 0);
            a4 = w4.fma(v, a4);
            FloatVector w5 = (FloatVector) CODES_TYPE
                    .cast(ByteVector.fromMemorySegment(CODES, w, q + k + LANES, LITTLE_ENDIAN))
                    .castShape(FLOATS, 0);
            a5 = w5.fma(v, a5);
            FloatVector w6 = (FloatVector) CODES_TYPE
                    .cast(ByteVector.fromMemorySegment(CODES, w, q + k + 2 * LANES, LITTLE_ENDIAN))
                    .castShape(FLOATS, 0);
            a6 = w6.fma(v, a6);
            FloatVector w7 = (FloatVector) CODES_TYPE
                    .cast(ByteVector.fromMemorySegment(CODES, w, q + k + 3 * LANES, LITTLE_ENDIAN))
                    .castShape(FLOATS, 0);
            a7 = w7.fma(v, a7);
        }
        a0.intoArray(y, 0);
        a1.intoArray(y, LANES);
        a2.intoArray(y, 2 * LANES);
        a3.intoArray(y, 3 * LANES);
        a4.intoArray(y, PANEL);
        a5.intoArray(y, PANEL + LANES);
        a6.intoArray(y, PANEL + 2 * LANES);
        a7.intoArray(y, PANEL + 3 * LANES);
    }

    /**
     * Two vectors of each panel, for CPUs with 16 vector registers. With 4 lanes both come from one 8-byte load, the smallest
     * there is, so that none reads past the last code.
     */
    private static void two(
            MemorySegment w, long p, long q, float[] factors, int[] active, int count, float[] y, int to) {
        int step = one;
        FloatVector a0 = FloatVector.zero(FLOATS);
        FloatVector a1 = FloatVector.zero(FLOATS);
        FloatVector a2 = FloatVector.zero(FLOATS);
        FloatVector a3 = FloatVector.zero(FLOATS);
        for (int j = 0; j < count; j += step) {
            long k = (long) active[j] * PANEL;
            FloatVector v = FloatVector.broadcast(FLOATS, factors[j]);
            FloatVector w0 = (FloatVector) CODES_TYPE
                    .cast(ByteVector.fromMemorySegment(CODES, w, p + k, LITTLE_ENDIAN))
                    .castShape(FLOATS, 0);
            a0 = w0.fma(v, a0);
            FloatVector w1 = (FloatVector)
                    (LANES == 4
                            ? CODES_TYPE
                                    .cast(ByteVector.fromMemorySegment(CODES, w, p + k, LITTLE_ENDIAN))
                                    .castShape(FLOATS, 1)
                            : CODES_TYPE
                                    .cast(ByteVector.fromMemorySegment(CODES, w, p + k + LANES, LITTLE_ENDIAN))
                                    .castShape(FLOATS, 0));
            a1 = w1.fma(v, a1);
            FloatVector w2 = (FloatVector) CODES_TYPE
                    .cast(ByteVector.fromMemorySegment(CODES, w, q + k, LITTLE_ENDIAN))
                    .castShape(FLOATS, 0);
            a2 = w2.fma(v, a2);
            FloatVector w3 = (FloatVector)
                    (LANES == 4
                            ? CODES_TYPE
                                    .cast(ByteVector.fromMemorySegment(CODES, w, q + k, LITTLE_ENDIAN))
                                    .castShape(FLOATS, 1)
                            : CODES_TYPE
                                    .cast(ByteVector.fromMemorySegment(CODES, w, q + k + LANES, LITTLE_ENDIAN))
                                    .castShape(FLOATS, 0));
            a3 = w3.fma(v, a3);
        }
        a0.intoArray(y, to);
        a1.intoArray(y, to + LANES);
        a2.intoArray(y, PANEL + to);
        a3.intoArray(y, PANEL + to + LANES);
    }

    private static void floats(
            MemorySegment w, long p, long q, float[] factors, int[] active, int count, float[] y, int to) {
        int step = one;
        long next = (long) LANES * Float.BYTES;
        FloatVector a0 = FloatVector.zero(FLOATS);
        FloatVector a1 = FloatVector.zero(FLOATS);
        FloatVector a2 = FloatVector.zero(FLOATS);
        FloatVector a3 = FloatVector.zero(FLOATS);
        for (int j = 0; j < count; j += step) {
            long k = (long) active[j] * PANEL * Float.BYTES;
            FloatVector v = FloatVector.broadcast(FLOATS, factors[j]);
            a0 = FloatVector.fromMemorySegment(FLOATS, w, p + k, LITTLE_ENDIAN).fma(v, a0);
            a1 = FloatVector.fromMemorySegment(FLOATS, w, p + k + next, LITTLE_ENDIAN)
                    .fma(v, a1);
            a2 = FloatVector.fromMemorySegment(FLOATS, w, q + k, LITTLE_ENDIAN).fma(v, a2);
            a3 = FloatVector.fromMemorySegment(FLOATS, w, q + k + next, LITTLE_ENDIAN)
                    .fma(v, a3);
        }
        a0.intoArray(y, to);
        a1.intoArray(y, to + LANES);
        a2.intoArray(y, PANEL + to);
        a3.intoArray(y, PANEL + to + LANES);
    }
}

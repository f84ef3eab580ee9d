package io.spikelet.engine.kernel;

import static io.spikelet.engine.kernel.VectorWidth.CODES;
import static io.spikelet.engine.kernel.VectorWidth.CODES_TYPE;
import static io.spikelet.engine.kernel.VectorWidth.FLOATS;
import static io.spikelet.engine.kernel.VectorWidth.LANES;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.spikelet.engine.tensor.FloatMatrix;
import io.spikelet.engine.tensor.Int8Matrix;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;

/**
 * Products of two panels with the nonzero inputs of one vector: the 64 codes of an input are one cache line, and the
 * codes of zero inputs are not read. Each lane is the scalar kernel's fma chain over the active inputs. {@link
 * VectorPanels} explains why nothing is factored out and why the stride is not a constant.
 */
final class VectorActivePanels {
    private static final int PANEL = 64;

    /** Stores unused results, so that the compiler cannot remove their computation. */
    @SuppressWarnings({"unused", "NonFinalStaticField"})
    private static int sink;

    /** Always 1, but the compiler does not know it. */
    @SuppressWarnings("NonFinalStaticField")
    private static int one = Integer.parseInt("1");

    private VectorActivePanels() {}

    /**
     * Writes the sums of panels {@code first} and {@code second} to {@code y[0 .. 128)}; {@code factors[j]}, {@code
     * from <= j < end}, is the value of input {@code active[j]}.
     */
    static void multiply(
            Int8Matrix w, int first, int second, float[] factors, int[] active, int from, int end, float[] y) {
        long p = (long) first * w.inputs() * PANEL;
        long q = (long) second * w.inputs() * PANEL;
        fetch(w.data(), p, q, active, from, end);
        if (LANES == 16) {
            pair(w.data(), p, q, factors, active, from, end, y);
            return;
        }
        for (int s = 0; s < PANEL; s += 2 * LANES) {
            two(w.data(), p + s, q + s, factors, active, from, end, y, s);
        }
    }

    static void multiply(
            FloatMatrix w, int first, int second, float[] factors, int[] active, int from, int end, float[] y) {
        long p = (long) first * w.inputs() * PANEL * Float.BYTES;
        long q = (long) second * w.inputs() * PANEL * Float.BYTES;
        for (int s = 0; s < PANEL; s += 2 * LANES) {
            floats(w.data(), p + s * Float.BYTES, q + s * Float.BYTES, factors, active, from, end, y, s);
        }
    }

    /**
     * Reads a byte of each cache line: this takes few instructions per line, so that many loads are in flight at once.
     * The product has too many instructions for that, and prefetchers cannot follow an index list.
     */
    private static void fetch(MemorySegment w, long p, long q, int[] active, int from, int end) {
        int sum = 0;
        for (int j = from; j < end; j++) {
            long k = (long) active[j] * PANEL;
            sum += w.get(JAVA_BYTE, p + k) + w.get(JAVA_BYTE, q + k);
        }
        sink = sum;
    }

    private static void pair(
            MemorySegment w, long p, long q, float[] factors, int[] active, int from, int end, float[] y) {
        int step = one;
        FloatVector a0 = FloatVector.zero(FLOATS);
        FloatVector a1 = FloatVector.zero(FLOATS);
        FloatVector a2 = FloatVector.zero(FLOATS);
        FloatVector a3 = FloatVector.zero(FLOATS);
        FloatVector a4 = FloatVector.zero(FLOATS);
        FloatVector a5 = FloatVector.zero(FLOATS);
        FloatVector a6 = FloatVector.zero(FLOATS);
        FloatVector a7 = FloatVector.zero(FLOATS);
        for (int j = from; j < end; j += step) {
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
     * Two vectors of each panel, for CPUs with 16 vector registers. With 4 lanes both come from one 8-byte load, the
     * smallest available, so that no load reads past the last code.
     */
    private static void two(
            MemorySegment w, long p, long q, float[] factors, int[] active, int from, int end, float[] y, int to) {
        int step = one;
        FloatVector a0 = FloatVector.zero(FLOATS);
        FloatVector a1 = FloatVector.zero(FLOATS);
        FloatVector a2 = FloatVector.zero(FLOATS);
        FloatVector a3 = FloatVector.zero(FLOATS);
        for (int j = from; j < end; j += step) {
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
            MemorySegment w, long p, long q, float[] factors, int[] active, int from, int end, float[] y, int to) {
        int step = one;
        long next = (long) LANES * Float.BYTES;
        FloatVector a0 = FloatVector.zero(FLOATS);
        FloatVector a1 = FloatVector.zero(FLOATS);
        FloatVector a2 = FloatVector.zero(FLOATS);
        FloatVector a3 = FloatVector.zero(FLOATS);
        for (int j = from; j < end; j += step) {
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

package io.spikelet.engine.kernel;

import static io.spikelet.engine.kernel.VectorWidth.FLOATS;
import static io.spikelet.engine.kernel.VectorWidth.LANES;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** {@link MachineProbe} at the width of the vector kernels. */
final class VectorProbe {
    static final int MULTIPLY_ADDS_PER_STEP = 12 * LANES;

    private static final VectorSpecies<Long> LONGS = FLOATS.withLanes(long.class);
    private static final int BYTES = LONGS.vectorByteSize();

    /** Always 1, but the compiler does not know it; otherwise it would unroll loops and issue loads out of order. */
    @SuppressWarnings("NonFinalStaticField")
    private static int one = Integer.parseInt("1");

    private VectorProbe() {}

    /** Uses an int counter, because with a long one the compiler checks every access. */
    static long read(MemorySegment data, long first, long apart, long length) {
        int step = one;
        int steps = (int) (length / BYTES);
        LongVector v0 = LongVector.zero(LONGS);
        LongVector v1 = LongVector.zero(LONGS);
        LongVector v2 = LongVector.zero(LONGS);
        LongVector v3 = LongVector.zero(LONGS);
        for (int i = 0; i < steps; i += step) {
            long at = first + (long) BYTES * i;
            v0 = v0.lanewise(VectorOperators.XOR, LongVector.fromMemorySegment(LONGS, data, at, LITTLE_ENDIAN));
            v1 = v1.lanewise(VectorOperators.XOR, LongVector.fromMemorySegment(LONGS, data, at + apart, LITTLE_ENDIAN));
            v2 = v2.lanewise(
                    VectorOperators.XOR, LongVector.fromMemorySegment(LONGS, data, at + 2 * apart, LITTLE_ENDIAN));
            v3 = v3.lanewise(
                    VectorOperators.XOR, LongVector.fromMemorySegment(LONGS, data, at + 3 * apart, LITTLE_ENDIAN));
        }
        return v0.lanewise(VectorOperators.XOR, v1)
                .lanewise(VectorOperators.XOR, v2)
                .lanewise(VectorOperators.XOR, v3)
                .reduceLanes(VectorOperators.XOR);
    }

    /** Enough chains to hide the latency of an fma on every current CPU; they converge to 1. */
    static float multiplyAdd(int steps) {
        FloatVector factor = FloatVector.broadcast(FLOATS, 0.5f);
        FloatVector addend = FloatVector.broadcast(FLOATS, 0.5f);
        FloatVector a0 = FloatVector.broadcast(FLOATS, 1f);
        FloatVector a1 = FloatVector.broadcast(FLOATS, 2f);
        FloatVector a2 = FloatVector.broadcast(FLOATS, 3f);
        FloatVector a3 = FloatVector.broadcast(FLOATS, 4f);
        FloatVector a4 = FloatVector.broadcast(FLOATS, 5f);
        FloatVector a5 = FloatVector.broadcast(FLOATS, 6f);
        FloatVector a6 = FloatVector.broadcast(FLOATS, 7f);
        FloatVector a7 = FloatVector.broadcast(FLOATS, 8f);
        FloatVector a8 = FloatVector.broadcast(FLOATS, 9f);
        FloatVector a9 = FloatVector.broadcast(FLOATS, 10f);
        FloatVector a10 = FloatVector.broadcast(FLOATS, 11f);
        FloatVector a11 = FloatVector.broadcast(FLOATS, 12f);
        int step = one;
        for (int i = 0; i < steps; i += step) {
            a0 = a0.fma(factor, addend);
            a1 = a1.fma(factor, addend);
            a2 = a2.fma(factor, addend);
            a3 = a3.fma(factor, addend);
            a4 = a4.fma(factor, addend);
            a5 = a5.fma(factor, addend);
            a6 = a6.fma(factor, addend);
            a7 = a7.fma(factor, addend);
            a8 = a8.fma(factor, addend);
            a9 = a9.fma(factor, addend);
            a10 = a10.fma(factor, addend);
            a11 = a11.fma(factor, addend);
        }
        return a0.add(a1)
                .add(a2)
                .add(a3)
                .add(a4)
                .add(a5)
                .add(a6)
                .add(a7)
                .add(a8)
                .add(a9)
                .add(a10)
                .add(a11)
                .lane(0);
    }
}

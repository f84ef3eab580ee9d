package io.spikelet.engine.kernel;

import java.lang.foreign.MemorySegment;

/**
 * The limits of one core, measured by doing nothing else: reading memory in order, and multiplying and adding floats or
 * integers in registers. With the vector module both run at the width of the vector kernels, without it at that of the scalar ones.
 *
 * <p>Stateless and thread-safe. The caller measures the time.
 */
public final class MachineProbe {
    /** Places that {@link #read} reads from side by side: more of them keep the memory busier than one. */
    public static final int STREAMS = 4;

    /** The bytes that {@link #read} reads at a time from each place; lengths are multiples of it. */
    public static final int STRIDE = 128;

    private static final boolean VECTOR =
            ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();

    private MachineProbe() {}

    /**
     * Reads {@code length} bytes from each of {@value #STREAMS} places in {@code data} once, from front to back, and returns a
     * fold of them, so that no read can be left out. Place i is at {@code first + i * apart}.
     *
     * @param length a multiple of {@value #STRIDE}, at most 1 GB
     */
    public static long read(MemorySegment data, long first, long apart, long length) {
        return VECTOR ? VectorProbe.read(data, first, apart, length) : ScalarProbe.read(data, first, apart, length);
    }

    /** Runs {@code steps} steps of independent {@code fma} chains in registers and returns a fold of their results. */
    public static float multiplyAdd(int steps) {
        return VECTOR ? VectorProbe.multiplyAdd(steps) : ScalarProbe.multiplyAdd(steps);
    }

    /**
     * What {@link KernelProvider#kernels} multiply integers with: {@code steps} steps of independent multiply-adds of bytes in
     * registers. Returns a fold of their results.
     */
    public static float multiplyAddIntegers(int steps) {
        return KernelProvider.nativeLevel()
                .map(level -> (float) NativeProducts.multiplyAdd(level, steps))
                .orElseGet(() -> multiplyAdd(steps));
    }

    /** Multiply-adds in one step of {@link #multiplyAddIntegers}. */
    public static int integerMultiplyAddsPerStep() {
        return KernelProvider.nativeLevel()
                .map(NativeLevel::multiplyAddsPerStep)
                .orElseGet(MachineProbe::multiplyAddsPerStep);
    }

    /** Multiply-adds in one step of {@link #multiplyAdd}. */
    public static int multiplyAddsPerStep() {
        return VECTOR ? VectorProbe.MULTIPLY_ADDS_PER_STEP : ScalarProbe.MULTIPLY_ADDS_PER_STEP;
    }
}

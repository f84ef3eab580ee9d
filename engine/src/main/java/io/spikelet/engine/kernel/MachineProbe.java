package io.spikelet.engine.kernel;

import java.lang.foreign.MemorySegment;

/**
 * Loops that reach the limits of one core: sequential reads of memory, and multiply-adds of floats or integers in
 * registers. With the vector module they use the width of the vector kernels, without it scalar operations.
 *
 * <p>Stateless and thread-safe. The caller measures the time.
 */
public final class MachineProbe {
    /** Number of streams that {@link #read} reads at the same time; several use more of the memory bandwidth than one. */
    public static final int STREAMS = 4;

    /** Bytes that {@link #read} reads at a time from each stream; lengths are multiples of it. */
    public static final int STRIDE = 128;

    private static final boolean VECTOR =
            ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();

    private MachineProbe() {}

    /**
     * Reads {@code length} bytes of each of {@value #STREAMS} streams in {@code data} once, in order, and returns a
     * fold of them, so that the compiler cannot remove a read. Stream i begins at {@code first + i * apart}.
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
     * Runs {@code steps} steps of independent multiply-adds of bytes in registers, with the instructions that {@link
     * KernelProvider#kernels} use for integers. Returns a fold of their results.
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

package io.spikelet.engine.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** {@link MachineProbe} for a JVM without the vector module. */
final class ScalarProbe {
    static final int MULTIPLY_ADDS_PER_STEP = 8;

    private ScalarProbe() {}

    static long read(MemorySegment data, long first, long apart, long length) {
        long a = 0;
        long b = 0;
        long c = 0;
        long d = 0;
        for (int i = 0; i < (int) length; i += Long.BYTES) {
            a ^= data.get(ValueLayout.JAVA_LONG_UNALIGNED, first + i);
            b ^= data.get(ValueLayout.JAVA_LONG_UNALIGNED, first + apart + i);
            c ^= data.get(ValueLayout.JAVA_LONG_UNALIGNED, first + 2 * apart + i);
            d ^= data.get(ValueLayout.JAVA_LONG_UNALIGNED, first + 3 * apart + i);
        }
        return a ^ b ^ c ^ d;
    }

    /** The chains converge to 1, so no operand ever becomes subnormal or infinite. */
    static float multiplyAdd(int steps) {
        float factor = 0.5f;
        float addend = 0.5f;
        float a0 = 1f;
        float a1 = 2f;
        float a2 = 3f;
        float a3 = 4f;
        float a4 = 5f;
        float a5 = 6f;
        float a6 = 7f;
        float a7 = 8f;
        for (int i = 0; i < steps; i++) {
            a0 = Math.fma(a0, factor, addend);
            a1 = Math.fma(a1, factor, addend);
            a2 = Math.fma(a2, factor, addend);
            a3 = Math.fma(a3, factor, addend);
            a4 = Math.fma(a4, factor, addend);
            a5 = Math.fma(a5, factor, addend);
            a6 = Math.fma(a6, factor, addend);
            a7 = Math.fma(a7, factor, addend);
        }
        return a0 + a1 + a2 + a3 + a4 + a5 + a6 + a7;
    }
}

package io.spikelet.engine.telemetry;

import io.spikelet.engine.kernel.KernelProvider;

/** Which kernels this JVM computes with. Every choice gives the same bits; only the speed differs. */
public final class KernelChoice {
    private KernelChoice() {}

    /** {@code scalar}, or {@code vector-} and the width in bits. */
    public static String description() {
        return KernelProvider.kernels().description();
    }
}

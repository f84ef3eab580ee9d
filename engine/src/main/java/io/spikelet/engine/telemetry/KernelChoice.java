package io.spikelet.engine.telemetry;

import io.spikelet.engine.kernel.KernelProvider;
import java.util.List;
import java.util.Optional;

/** Which kernels this JVM computes with. Every choice gives the same bits; only the speed differs. */
public final class KernelChoice {
    private KernelChoice() {}

    /**
     * {@code scalar}, or {@code vector-} and the width in bits, and then {@code +} and the instructions that multiply
     * integers, if the native library does.
     */
    public static String description() {
        return KernelProvider.kernels().description();
    }

    /** Why these and no better ones, in a few words; empty when there are none. */
    public static Optional<String> reason() {
        return KernelProvider.reason();
    }

    /** The description, and in brackets the reason. */
    public static String explanation() {
        return description() + reason().map(reason -> " (" + reason + ")").orElse("");
    }

    /** What {@code -Dspikelet.native} may be on this machine, worst first; empty without the native library. */
    public static List<String> nativeLevels() {
        return KernelProvider.nativeLevels();
    }
}

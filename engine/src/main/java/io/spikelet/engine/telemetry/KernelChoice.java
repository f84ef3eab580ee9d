package io.spikelet.engine.telemetry;

import io.spikelet.engine.kernel.KernelProvider;
import io.spikelet.engine.kernel.Kernels;
import java.util.List;
import java.util.Optional;

/** The kernels that this JVM uses. Every choice gives the same bits; only the speed differs. */
public final class KernelChoice {
    private KernelChoice() {}

    /**
     * {@code scalar}, or {@code vector-} and the width in bits, and then {@code +} and the instructions that multiply
     * integers, if the native library does.
     */
    public static String description() {
        return KernelProvider.kernels().description();
    }

    /** Why no faster kernels are used, in a few words; empty if there are none. */
    public static Optional<String> reason() {
        return KernelProvider.reason();
    }

    /** The description, with the reason in brackets if there is one. */
    public static String explanation() {
        return description() + reason().map(reason -> " (" + reason + ")").orElse("");
    }

    /** As {@link #explanation()}, of a model that may be one for short work. */
    public static String explanation(boolean isForShortWork) {
        Kernels chosen = isForShortWork ? KernelProvider.withoutWarmUp() : KernelProvider.kernels();
        return chosen == KernelProvider.kernels() ? explanation() : chosen.description() + " (the work is short)";
    }

    /**
     * The levels that {@code -Dspikelet.native} can select on this machine, slowest first; empty without the native
     * library.
     */
    public static List<String> nativeLevels() {
        return KernelProvider.nativeLevels();
    }
}

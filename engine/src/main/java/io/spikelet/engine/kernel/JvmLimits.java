package io.spikelet.engine.kernel;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Conditions that make kernels slow in this JVM; the bits are the same in any case. Stateless. */
final class JvmLimits {
    private static final String LAST_TIER = "4"; // C2's

    private JvmLimits() {}

    /** The conditions, each with its remedy; empty if there are none, or if they cannot be determined. */
    static List<String> ofThisJvm() {
        return of(option("UseFMA"), option("TieredStopAtLevel"), option("UseCompiler"));
    }

    /** The same from the values of JVM options; a value is empty if the JVM does not have the option. */
    static List<String> of(Optional<String> fma, Optional<String> lastTier, Optional<String> compiler) {
        List<String> limits = new ArrayList<>();
        if (fma.filter("false"::equals).isPresent()) {
            limits.add(
                    "this CPU has no fused multiply-add, or -XX:-UseFMA turns it off: products take many times as long;"
                            + " use a CPU of x86-64-v3 or aarch64");
        }
        boolean isCompiled = compiler.filter("false"::equals).isEmpty();
        if (!isCompiled || lastTier.filter(tier -> !tier.equals(LAST_TIER)).isPresent()) {
            limits.add("this JVM does without C2 ("
                    + (isCompiled ? "-XX:TieredStopAtLevel=" + lastTier.orElseThrow() : "-Xint")
                    + "), which vectors need to stay in registers: start it without that flag");
        }
        return limits;
    }

    private static Optional<String> option(String name) {
        HotSpotDiagnosticMXBean diagnostics = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        if (diagnostics == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(diagnostics.getVMOption(name).getValue());
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // a JVM without this option
        }
    }
}

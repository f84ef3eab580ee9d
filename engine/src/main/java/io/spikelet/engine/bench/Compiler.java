package io.spikelet.engine.bench;

import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;

/**
 * Shows whether the just-in-time compiler is still running: code measured meanwhile may still be replaced by faster
 * code.
 */
final class Compiler {
    private final CompilationMXBean bean = ManagementFactory.getCompilationMXBean();

    /** Milliseconds spent on the compilations that have ended; always 0 in a JVM that does not report them. */
    long millis() {
        return bean != null && bean.isCompilationTimeMonitoringSupported() ? bean.getTotalCompilationTime() : 0;
    }
}

package io.spikelet.engine.bench;

import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;

/** The just-in-time compiler, asked whether it is still at work: what runs meanwhile is not yet what will run. */
final class Compiler {
    private final CompilationMXBean bean = ManagementFactory.getCompilationMXBean();

    /** Time spent on the compilations that have ended; always 0 in a JVM that does not say. */
    long millis() {
        return bean != null && bean.isCompilationTimeMonitoringSupported() ? bean.getTotalCompilationTime() : 0;
    }
}

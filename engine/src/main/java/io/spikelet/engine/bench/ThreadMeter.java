package io.spikelet.engine.bench;

import java.lang.management.ManagementFactory;

/** Resources that the calling thread has used since it started. Thread-safe. */
final class ThreadMeter {
    private final com.sun.management.ThreadMXBean threads =
            ManagementFactory.getPlatformMXBean(com.sun.management.ThreadMXBean.class);
    private final boolean countsAllocations = threads != null && threads.isThreadAllocatedMemorySupported();
    private final boolean countsTime = threads != null && threads.isCurrentThreadCpuTimeSupported();

    /** Allocated heap in bytes; always 0 in a JVM that does not count it. */
    long allocatedBytes() {
        return countsAllocations ? threads.getCurrentThreadAllocatedBytes() : 0;
    }

    /** CPU time in nanoseconds; elapsed time where CPU time is not available. */
    long cpuNanos() {
        return countsTime ? threads.getCurrentThreadCpuTime() : System.nanoTime();
    }
}

package io.spikelet.engine.bench;

import java.lang.management.ManagementFactory;

/** What the calling thread has used since it started. Thread-safe. */
final class ThreadMeter {
    private final com.sun.management.ThreadMXBean threads =
            ManagementFactory.getPlatformMXBean(com.sun.management.ThreadMXBean.class);
    private final boolean countsAllocations = threads != null && threads.isThreadAllocatedMemorySupported();
    private final boolean countsTime = threads != null && threads.isCurrentThreadCpuTimeSupported();

    /** Heap in bytes; always 0 in a JVM that does not count it. */
    long allocatedBytes() {
        return countsAllocations ? threads.getCurrentThreadAllocatedBytes() : 0;
    }

    /** Time on a core in nanoseconds; the clock's where it is not counted. */
    long cpuNanos() {
        return countsTime ? threads.getCurrentThreadCpuTime() : System.nanoTime();
    }
}

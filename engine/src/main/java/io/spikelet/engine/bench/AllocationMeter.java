package io.spikelet.engine.bench;

import java.lang.management.ManagementFactory;

/** Heap that the calling thread has taken since it started. */
final class AllocationMeter {
    private final com.sun.management.ThreadMXBean threads =
            ManagementFactory.getPlatformMXBean(com.sun.management.ThreadMXBean.class);

    /** Bytes; always 0 in a JVM that does not count them. */
    long bytes() {
        return threads != null && threads.isThreadAllocatedMemorySupported()
                ? threads.getCurrentThreadAllocatedBytes()
                : 0;
    }
}

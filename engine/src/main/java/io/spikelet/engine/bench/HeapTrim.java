package io.spikelet.engine.bench;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;

/** A garbage collection that shrinks the heap to its live content, so that resident memory shows what is needed. */
final class HeapTrim {
    /** Options that can be set in a running JVM; the minimum is set first, because it must not exceed the maximum. */
    private static final String MINIMUM = "MinHeapFreeRatio";

    private static final String MAXIMUM = "MaxHeapFreeRatio";
    private static final String TIGHT = "5";
    private static final int COLLECTIONS = 4; // the serial collector returns memory in this many steps

    private HeapTrim() {}

    /** Collects and shrinks; a collector without these options may keep free memory. */
    static void run() {
        HotSpotDiagnosticMXBean jvm = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        if (jvm == null) {
            System.gc();
            return;
        }
        String minimum = jvm.getVMOption(MINIMUM).getValue();
        String maximum = jvm.getVMOption(MAXIMUM).getValue();
        try {
            jvm.setVMOption(MINIMUM, TIGHT);
            jvm.setVMOption(MAXIMUM, TIGHT);
            for (int i = 0; i < COLLECTIONS; i++) {
                System.gc();
            }
        } finally {
            jvm.setVMOption(MAXIMUM, maximum);
            jvm.setVMOption(MINIMUM, minimum);
        }
    }
}

package io.spikelet.job.action;

import java.util.Locale;

/** Lines of a plan that every kind of work has. */
final class PlanLines {
    private static final double MEGABYTE = 1 << 20;
    private static final double TASK_SHARE = 0.6; // what a task leaves to its caller and the garbage collector

    private PlanLines() {}

    static String of(String name, String format, Object... values) {
        return name + ": " + String.format(Locale.ROOT, format, values);
    }

    static String rows(PlanTotals totals) {
        return of("rows", "%d, of which %d are errors as they stand", totals.rows(), totals.failed());
    }

    static String partitions(PlanTotals totals) {
        return of(
                "partitions",
                "%d in each of at most %d slices, on %d cores",
                totals.partitions(),
                totals.slices(),
                totals.cores());
    }

    static String memory(PlanTotals totals, int tasks, long taskBytes, long heapBytes) {
        double task = taskBytes / MEGABYTE;
        return of(
                "memory per executor",
                "heap %.0f MB for %d tasks of %.0f MB, of %.0f MB there are; weights %.0f MB, mapped once a node",
                tasks * task / TASK_SHARE,
                tasks,
                task,
                heapBytes / MEGABYTE,
                totals.weightBytes() / MEGABYTE);
    }

    static String time(double seconds, String bound) {
        return of("expected time", "%.1f s%s, without the start of Spark", seconds, bound);
    }
}

package io.spikelet.job.plan;

import java.util.OptionalInt;

/** Into how many partitions a run cuts its rows. Results do not depend on it, speed does. */
public final class PartitionPlan {
    /** Rows that one task takes at most by default: a lost task repeats no more. */
    static final int ROWS_PER_TASK = 2_000;

    /** Tasks for each core by default, so that cores which finish early find more to do. */
    static final int WAVES = 4;

    private PartitionPlan() {}

    /**
     * The number asked for, else enough for every core and for several waves where the rows fill their batches.
     *
     * @param batchSize rows that a task decodes together
     */
    public static int partitions(OptionalInt wanted, long rows, int cores, int batchSize) {
        if (wanted.isPresent()) {
            return wanted.getAsInt();
        }
        long batches = Math.ceilDiv(rows, batchSize);
        long waves = Math.clamp(batches, Math.min(rows, cores), (long) cores * WAVES);
        return Math.clamp(Math.max(waves, Math.ceilDiv(rows, ROWS_PER_TASK)), 1, 1_000_000);
    }
}

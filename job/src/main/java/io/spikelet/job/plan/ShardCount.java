package io.spikelet.job.plan;

import java.util.OptionalInt;

/**
 * The number of shards of a run. A shard is processed and committed by one task. Results do not depend on it, but speed
 * does, and so does what is lost with a task.
 */
public final class ShardCount {
    /** Wanted most of the predicted time of a shard, which limits the time that a crash costs each core. */
    static final double SECONDS = 90;

    /** Predicted time that no shard exceeds, not even to have {@link #LEAST_ROWS}. */
    static final double MOST_SECONDS = 120;

    /** Rows of a shard at least, where there are enough shards to keep every core busy to the end. */
    static final int LEAST_ROWS = 2_000;

    /** Maximum rows of a shard. */
    static final int MOST_ROWS = 20_000;

    /** Shards for each core by default, so that cores which finish early find more to do. */
    static final int WAVES = 4;

    private static final int MOST_SHARDS = 1_000_000;
    private static final double BYTES_PER_SECOND = 1e10; // of weights, that a core reads for a token: a slow machine's
    private static final double SECONDS_PER_TOKEN = 5e-5; // of the smallest model

    private ShardCount() {}

    /**
     * The requested number, else enough for every core and for several waves where the rows fill their batches. More shards
     * than that are made of rows that would take longer than {@link #SECONDS}, and have {@link #LEAST_ROWS} unless these take
     * longer than {@link #MOST_SECONDS}.
     *
     * @param batchSize rows that a task decodes in one batch
     * @param seconds that the rows take on one core, as predicted
     */
    public static int of(OptionalInt wanted, long rows, int cores, int batchSize, double seconds) {
        if (wanted.isPresent()) {
            return wanted.getAsInt();
        }
        long batches = Math.ceilDiv(rows, batchSize);
        long waves = Math.clamp(batches, Math.min(rows, cores), (long) cores * WAVES);
        long byTime = Math.min(rows, (long) Math.ceil(seconds / SECONDS));
        long byRows = rows / LEAST_ROWS;
        if (byRows >= Math.ceil(seconds / MOST_SECONDS)) {
            byTime = Math.min(byTime, byRows);
        }
        return (int) Math.clamp(Math.max(Math.max(waves, byTime), Math.ceilDiv(rows, MOST_ROWS)), 1, MOST_SHARDS);
    }

    /** Estimated time of so many tokens on one core, from the size of the model; a conservative estimate. */
    public static double seconds(long tokens, long weightBytes) {
        return tokens * (weightBytes / BYTES_PER_SECOND + SECONDS_PER_TOKEN);
    }
}

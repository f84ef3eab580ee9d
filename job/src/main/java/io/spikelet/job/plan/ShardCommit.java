package io.spikelet.job.plan;

import java.io.Serializable;
import java.util.Optional;

/**
 * The rows that one task committed, with its place and speed.
 *
 * @param file with the rows, relative to {@link Ledger#rows}; null if there are none
 * @param attempt the process of the driver, counted from 1
 * @param shard number of the task's part of the plan in that attempt
 * @param startedAtMillis when the task began, since the epoch, by its machine's clock
 * @param rows units of work that ended: rows of the input, times their samples
 * @param predictedTokens cost of these as it was planned
 * @param tokens that the engine processed
 * @param seconds from the task's first row to its end
 * @param engineSeconds of these in the tokenizer and the engine; the rest is the overhead of the task
 * @param executor Spark's name for the executor
 * @param kernels the kernels that computed, with their vector width
 */
public record ShardCommit(
        String file,
        int attempt,
        int shard,
        long startedAtMillis,
        long rows,
        long predictedTokens,
        long tokens,
        double seconds,
        double engineSeconds,
        String executor,
        String host,
        String javaVersion,
        String jvm,
        String cpu,
        String kernels)
        implements Serializable {
    /** When the task ended, since the epoch. */
    public long endedAtMillis() {
        return startedAtMillis + Math.round(1000 * seconds);
    }

    /** The file, if the task had rows. */
    Optional<String> dataFile() {
        return Optional.ofNullable(file);
    }
}

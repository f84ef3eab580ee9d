package io.spikelet.job.plan;

import java.io.Serializable;

/**
 * What one task did, and where.
 *
 * @param startedAtMillis when it began, since the epoch, by its machine's clock
 * @param rows output rows
 * @param tokens that the engine processed
 * @param seconds from the task's first look at its rows to its end
 * @param engineSeconds of these in the tokenizer and the engine; the others are the price of being a task
 * @param executor Spark's name for the executor
 * @param kernels the kernels that computed, with their vector width
 */
public record TaskReport(
        int partition,
        long startedAtMillis,
        long rows,
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
    private static final long serialVersionUID = 1L;
}

package io.spikelet.job.task;

import java.io.Serializable;
import org.apache.spark.SparkContext;
import org.apache.spark.util.LongAccumulator;

/**
 * Counts rows and tokens for the progress line only: a retried task counts twice, so totals come from the tables
 * instead. The size does not depend on the number of tasks.
 *
 * @param rows rows that are done
 * @param failed those of them that are errors
 * @param tokens tokens that the engine processed for them
 */
public record RowCounter(LongAccumulator rows, LongAccumulator failed, LongAccumulator tokens) implements Serializable {
    /** New counters, at zero, of an application. */
    public static RowCounter of(SparkContext spark) {
        return new RowCounter(
                spark.longAccumulator("spikelet.rows"),
                spark.longAccumulator("spikelet.failedRows"),
                spark.longAccumulator("spikelet.tokens"));
    }
}

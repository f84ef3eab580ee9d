package io.spikelet.job.task;

import java.io.Serializable;
import org.apache.spark.SparkContext;
import org.apache.spark.util.LongAccumulator;

/**
 * Counts rows and tokens for the progress line alone: a retried task counts twice, so totals come from the tables
 * instead.
 *
 * @param rows rows that are done
 * @param tokens tokens that the engine processed for them
 */
public record RowCounter(LongAccumulator rows, LongAccumulator tokens) implements Serializable {
    /** New counters, at zero, of an application. */
    public static RowCounter of(SparkContext spark) {
        return new RowCounter(spark.longAccumulator("spikelet.rows"), spark.longAccumulator("spikelet.tokens"));
    }

    void add(long doneTokens) {
        rows.add(1L);
        tokens.add(doneTokens);
    }
}

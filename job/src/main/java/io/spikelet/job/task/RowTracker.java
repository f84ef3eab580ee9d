package io.spikelet.job.task;

import org.apache.spark.sql.Row;

/** Finds rows that end the JVM in which they are worked on, so that nothing is left there to make an error row of them. */
interface RowTracker {
    /** Rows are processed in batches, and nothing is recorded. */
    RowTracker NONE = new RowTracker() {};

    /** Whether a row is worked on alone. */
    default boolean isAlone(Row source) {
        return false;
    }

    /** Whether a JVM has ended because of a row, so that it is stepped over. */
    default boolean blames(Row source) {
        return false;
    }

    /** Notes a row that begins, before anything is done with it. */
    default void begins(Row source) {}

    /** Notes a row that has begun and is finished now, or failed. */
    default void ends(Row source) {}
}

package io.spikelet.job.task;

/**
 * Finds the row that ends its task, and its JVM with it, so that the task itself cannot make it an error row: a second attempt
 * works on one row at a time and notes before each which one it is; a third steps over the row that the second has noted.
 */
interface RowWatch {
    /** Rows are processed in batches, and nothing is recorded. */
    RowWatch NONE = new RowWatch() {};

    /** Whether rows are worked on one at a time. */
    default boolean watches() {
        return false;
    }

    /** Whether an earlier attempt ended in this row. */
    default boolean blames(String rowId) {
        return false;
    }

    /** Notes a row that begins, before anything is done with it. */
    default void begins(String rowId) {}
}

package io.spikelet.job.task;

/**
 * Finds the row that ends its task, and its JVM with it, so that the task itself cannot make it an error row: a second attempt
 * processes one row at a time and records each before it starts; a third attempt skips the row that was recorded last.
 */
interface RowWatch {
    /** Rows are processed in batches, and nothing is recorded. */
    RowWatch NONE = new RowWatch() {};

    /** Whether rows are processed one at a time. */
    default boolean watches() {
        return false;
    }

    /** Whether an earlier attempt ended in this row. */
    default boolean blames(String rowId) {
        return false;
    }

    /** Records a row before anything is done with it. */
    default void begins(String rowId) {}
}

package io.spikelet.job.task;

import java.util.Iterator;
import org.apache.spark.sql.Row;

/** Rows of a task that fails when it runs out of memory, instead of ending its JVM, in which other tasks run. */
record GuardedRows(Iterator<Row> rows) implements Iterator<Row> {
    @Override
    public boolean hasNext() {
        try {
            return rows.hasNext();
        } catch (OutOfMemoryError | StackOverflowError e) {
            throw outOfMemory(e);
        }
    }

    @Override
    public Row next() {
        try {
            return rows.next();
        } catch (OutOfMemoryError | StackOverflowError e) {
            throw outOfMemory(e);
        }
    }

    /** The error is not the cause: Spark ends the JVM of a task in whose causes it finds one. */
    static IllegalStateException outOfMemory(Error e) {
        IllegalStateException failure = new IllegalStateException("out of memory in a task, with a limit of "
                + (Runtime.getRuntime().maxMemory() >> 20) + " MB for its JVM (" + e
                + "); lower --batch-size or --max-row-bytes, or raise the limit");
        failure.addSuppressed(e);
        return failure;
    }
}

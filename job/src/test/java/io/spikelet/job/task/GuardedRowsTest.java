package io.spikelet.job.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.Iterator;
import java.util.List;
import org.apache.spark.executor.Executor;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

final class GuardedRowsTest {
    private static final int DEPTH = 5; // to which Spark looks into causes by default

    @Test
    void anErrorFailsItsTaskAndDoesNotEndItsJvm() {
        for (Error error : List.of(new OutOfMemoryError("Java heap space"), new StackOverflowError())) {
            GuardedRows rows = new GuardedRows(failing(error));
            for (Throwable failure : List.of(catchThrowable(rows::hasNext), catchThrowable(rows::next))) {
                assertThat(failure)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContainingAll("out of memory in a task", error.toString(), "raise the limit")
                        .hasSuppressedException(error);
                assertThat(Executor.isFatalError(failure, DEPTH)).isFalse();
            }
            assertThat(Executor.isFatalError(error, DEPTH)).as("without it").isTrue();
        }
    }

    private static Iterator<Row> failing(Error error) {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                throw error;
            }

            @Override
            public Row next() {
                throw error;
            }
        };
    }
}

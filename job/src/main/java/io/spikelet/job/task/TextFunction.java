package io.spikelet.job.task;

import io.spikelet.engine.model.Sha256;
import io.spikelet.job.schema.ErrorClass;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;

/**
 * One column of the row that a task would make of a text alone. The text's hash is its row id. Null for null, and for a
 * text that becomes a row with an error.
 *
 * <p>The engine stays open until the running task ends. An expression of constants is computed by the driver, without a
 * task; then it is opened for that alone.
 *
 * @param <T> the column's type
 */
public final class TextFunction<T> implements UDF1<String, T> {
    private static final long serialVersionUID = 1L;
    private static final int ID_DIGITS = 32;

    private final ModelTask task;
    private final int column;
    private transient Opened opened;

    /** @param column of the task's rows */
    public TextFunction(ModelTask task, int column) {
        this.task = task;
        this.column = column;
    }

    @Override
    public synchronized T call(String text) {
        if (text == null) {
            return null;
        }
        TaskContext context = TaskContext.get();
        if (context == null) {
            try (TaskModel model = task.lease()) {
                return value(task.open(model), text);
            }
        }
        if (opened == null || opened.attempt != context.taskAttemptId()) {
            opened = new Opened(context.taskAttemptId(), task.open(task.lease()));
        }
        return value(opened.work, text);
    }

    private T value(RowWork<?, ?> work, String text) {
        return task.stream(List.of(source(text)).iterator(), work).next().getAs(column);
    }

    private static Row source(String text) {
        String hash = Sha256.hex(text.getBytes(StandardCharsets.UTF_8));
        return SourceRow.of(
                hash.substring(0, ID_DIGITS),
                text,
                text.isEmpty() ? ErrorClass.EMPTY_INPUT : null,
                text.isEmpty() ? "the text is empty" : null,
                hash);
    }

    private record Opened(long attempt, RowWork<?, ?> work) {}
}

package io.spikelet.job.task;

import io.spikelet.engine.model.Sha256;
import io.spikelet.job.schema.ErrorClass;
import java.nio.charset.StandardCharsets;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.types.StructType;

/**
 * One column of the row that a task would return for a text. The text's hash is its row id. Null for null, and for a
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
    private final int errorClass;
    private final int errorMessage;
    private transient Opened opened;

    /**
     * @param table the first columns of the task's rows
     * @param column of these
     */
    public TextFunction(ModelTask task, StructType table, String column) {
        this.task = task;
        this.column = table.fieldIndex(column);
        this.errorClass = table.fieldIndex("error_class");
        this.errorMessage = table.fieldIndex("error_message");
    }

    @Override
    public T call(String text) {
        return call(text, null);
    }

    /**
     * The column of the row with options of its own.
     *
     * @param options a JSON object by column name, as {@code --override-columns} takes them; null for none
     * @throws IllegalArgumentException if they cannot be used
     */
    public synchronized T call(String text, String options) {
        if (text == null) {
            return null;
        }
        TaskContext context = TaskContext.get();
        if (context == null) {
            try (TaskModel model = task.lease()) {
                return value(task.open(model), text, options);
            }
        }
        if (opened == null || opened.attempt != context.taskAttemptId()) {
            opened = new Opened(context.taskAttemptId(), task.open(task.lease()));
        }
        return value(opened.work, text, options);
    }

    private T value(RowProcessor<?, ?> work, String text, String options) {
        Row row = task.row(source(text, options), work);
        if (options != null && ErrorClass.MALFORMED_ROW.equals(row.getString(errorClass))) {
            throw new IllegalArgumentException(row.getString(errorMessage));
        }
        return row.getAs(column);
    }

    private static Row source(String text, String options) {
        String hash = Sha256.hex(text.getBytes(StandardCharsets.UTF_8));
        return SourceRow.of(
                hash.substring(0, ID_DIGITS),
                text,
                text.isEmpty() ? ErrorClass.EMPTY_INPUT : null,
                text.isEmpty() ? "the text is empty" : null,
                hash,
                options);
    }

    private record Opened(long attempt, RowProcessor<?, ?> work) {}
}

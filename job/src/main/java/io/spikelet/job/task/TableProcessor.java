package io.spikelet.job.task;

import io.spikelet.job.MessageText;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;

/**
 * What all processors have in common whose rows are those of a table: the table's columns, and rows with an error. Not
 * thread-safe; one per task.
 *
 * @param <Q> what the engine takes
 * @param <R> what it returns
 */
abstract class TableProcessor<Q, R> implements RowProcessor<Q, R> {
    private final StructType columns;
    private final String runId;

    /**
     * @param columns the table's own
     * @param runId names the run in its tables; null if it leaves none
     */
    TableProcessor(StructType columns, String runId) {
        this.columns = columns;
        this.runId = runId;
    }

    /** Decides whether a row that was no error from the beginning reaches the engine. */
    abstract Admission<Q> accept(Row source);

    @Override
    public final Admission<Q> admit(Row source) {
        return source.isNullAt(SourceRow.ERROR_CLASS)
                ? accept(source)
                : refuse(source, source.getString(SourceRow.ERROR_CLASS), source.getString(SourceRow.ERROR_MESSAGE));
    }

    @Override
    public Row fail(Row source, String errorClass, String message) {
        Object[] values = begin(source);
        setError(values, errorClass, message);
        return RowFactory.create(values);
    }

    /** Values of an output row: what passes through, and the ids. */
    Object[] begin(Row source) {
        Object[] values = SourceRow.output(source, columns.size());
        set(values, "run_id", runId);
        set(values, "row_id", source.getString(SourceRow.ROW_ID));
        set(values, "content_sha256", source.getString(SourceRow.CONTENT_SHA256));
        return values;
    }

    final void set(Object[] values, String column, Object value) {
        values[columns.fieldIndex(column)] = value;
    }

    final void setAll(Object[] values, Map<String, Object> byColumn) {
        byColumn.forEach((column, value) -> set(values, column, value));
    }

    final void setError(Object[] values, String errorClass, String message) {
        set(values, "error_class", errorClass);
        set(values, "error_message", MessageText.line(message));
    }
}

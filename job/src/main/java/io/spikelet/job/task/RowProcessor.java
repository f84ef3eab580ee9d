package io.spikelet.job.task;

import java.util.Iterator;
import org.apache.spark.sql.Row;

/**
 * The steps of a task for {@link RowStream}: turn a row into a request or refuse it, run the engine, turn a result into
 * a row.
 *
 * @param <Q> what the engine takes
 * @param <R> what it returns, in any order
 */
interface RowProcessor<Q, R> {
    /** Decides whether a row reaches the engine. */
    Admission<Q> admit(Row source);

    /** Keeps a row from the engine. */
    default Admission<Q> refuse(Row source, String errorClass, String message) {
        return new Admission<>(null, fail(source, errorClass, message));
    }

    /** Runs the engine lazily over requests; called again after it has returned all results of earlier ones. */
    Iterator<R> run(Iterator<Q> requests);

    /** The key of the row that a result belongs to. */
    String rowId(R result);

    /** Identifies a row among those in flight. */
    default String key(Row source) {
        return source.getString(SourceRow.ROW_ID);
    }

    /** Adjacent rows with the same key have the same result; null for a row with its own result. */
    default String shared(Row source) {
        return null;
    }

    /** The finished output row. */
    Row finish(Row source, R result);

    /** The output row of a row that cannot be processed. */
    Row fail(Row source, String errorClass, String message);

    /** Costs and firing rates of a result. */
    RowMeasures measures(R result);

    /**
     * A request, or the output row of a row that does not reach the engine; one of them is null.
     *
     * @param <Q> what the engine takes
     */
    record Admission<Q>(Q request, Row refused) {}
}

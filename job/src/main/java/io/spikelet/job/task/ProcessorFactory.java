package io.spikelet.job.task;

import io.spikelet.engine.decode.MemoryPlan;
import io.spikelet.engine.score.ProgressStore;
import java.io.Serializable;
import java.util.Iterator;
import org.apache.spark.sql.Row;

/** How a task of some kind of work opens its processor; serialized to the tasks. Immutable. */
public sealed interface ProcessorFactory extends Serializable permits GenerateRows, ScoreRows, ChoiceRows, CompareRows {
    /**
     * A processor on an engine of its own, which the model closes.
     *
     * @param runId names the run in its tables; null if it leaves none
     * @param progress keeps what a later attempt at a long row can go on from
     */
    RowProcessor<?, ?> open(TaskModel model, String runId, RowLimits limits, ProgressStore progress);

    /** The memory that a processor on the model takes. */
    MemoryPlan memory(TaskModel model);

    /** The rows of the table, from those that a processor returned. */
    default Iterator<Row> rows(Iterator<Row> processed) {
        return processed;
    }
}

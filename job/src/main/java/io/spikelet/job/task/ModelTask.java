package io.spikelet.job.task;

import io.spikelet.job.executor.ModelHandle;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;

/** Applies a model to the rows of a partition, lazily; rows are returned in the order in which they finish. */
public abstract sealed class ModelTask implements MapPartitionsFunction<Row, Row>
        permits GenerateRows, ScoreRows, ChoiceRows, CompareRows {
    private static final long serialVersionUID = 1L;

    private final Broadcast<ModelHandle> handle;
    private final RowCounter counter;

    /** Names the run in its tables; null if it leaves none. */
    final String runId;

    final RowLimits limits;

    ModelTask(Broadcast<ModelHandle> handle, String runId, RowLimits limits, RowCounter counter) {
        this.handle = handle;
        this.runId = runId;
        this.limits = limits;
        this.counter = counter;
    }

    /** An engine on the model, which closes it. */
    abstract RowProcessor<?, ?> open(TaskModel model);

    @Override
    public final Iterator<Row> call(Iterator<Row> rows) {
        TaskMeter meter = TaskMeter.begin(counter, TaskContext.get());
        return rows(stream(rows, open(lease()), meter, RowWatch.NONE));
    }

    /** As {@link #call}, in a run whose driver may request a stop. */
    public final MapPartitionsFunction<Row, Row> in(RunControl control) {
        return rows -> {
            TaskMeter meter = TaskMeter.begin(counter, TaskContext.get());
            Iterator<Row> whole = new WholeRows(rows, control, meter);
            return whole.hasNext() // a shard without rows needs no model
                    ? new GuardedRows(rows(stream(whole, open(lease()), meter, control.watch(TaskContext.get()))))
                    : whole;
        };
    }

    final TaskModel lease() {
        return TaskModel.lease(handle.value());
    }

    /** A row of a text alone. */
    final Row row(Row source, RowProcessor<?, ?> processor) {
        return rows(stream(List.of(source).iterator(), processor, new TaskMeter(counter), RowWatch.NONE))
                .next();
    }

    /** The rows of the table, from those that a processor returned. */
    Iterator<Row> rows(Iterator<Row> processed) {
        return processed;
    }

    private static Iterator<Row> stream(
            Iterator<Row> rows, RowProcessor<?, ?> processor, TaskMeter meter, RowWatch watch) {
        return new RowStream<>(rows, processor, meter, watch);
    }
}

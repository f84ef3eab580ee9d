package io.spikelet.job.task;

import io.spikelet.engine.score.ProgressStore;
import io.spikelet.job.executor.ModelHandle;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;

/**
 * Applies a model to the rows of a partition, lazily; rows are returned in the order in which they finish.
 *
 * @param runId names the run in its tables; null if it leaves none
 * @param isShort whether the work ends before the fastest kernels would be compiled
 */
public record ModelTask(
        Broadcast<ModelHandle> handle,
        ProcessorFactory factory,
        String runId,
        RowLimits limits,
        RowCounter counter,
        boolean isShort)
        implements MapPartitionsFunction<Row, Row> {
    /** An engine on the model, which closes it. */
    RowProcessor<?, ?> open(TaskModel model) {
        return factory.open(model, runId, limits, ProgressStore.NONE);
    }

    @Override
    public Iterator<Row> call(Iterator<Row> rows) {
        TaskMeter meter = TaskMeter.begin(counter, isShort, TaskContext.get());
        return factory.rows(stream(rows, open(lease()), meter, RowTracker.NONE));
    }

    /** As {@link #call}, in a run whose driver may request a stop. */
    public MapPartitionsFunction<Row, Row> in(RunControl control) {
        return rows -> {
            TaskMeter meter = TaskMeter.begin(counter, isShort, TaskContext.get());
            Iterator<Row> whole = new StoppableRows(rows, control, meter);
            return whole.hasNext() // a shard without rows needs no model
                    ? new GuardedRows(
                            factory.rows(stream(whole, open(control), meter, control.watch(TaskContext.get()))))
                    : whole;
        };
    }

    private RowProcessor<?, ?> open(RunControl control) {
        return factory.open(lease(), runId, limits, control.progress(handle.value()));
    }

    TaskModel lease() {
        return TaskModel.lease(handle.value(), isShort);
    }

    /** A row of a text alone. */
    Row row(Row source, RowProcessor<?, ?> processor) {
        return factory.rows(
                        stream(List.of(source).iterator(), processor, new TaskMeter(counter, isShort), RowTracker.NONE))
                .next();
    }

    private static Iterator<Row> stream(
            Iterator<Row> rows, RowProcessor<?, ?> processor, TaskMeter meter, RowTracker watch) {
        return new RowStream<>(rows, processor, meter, watch);
    }
}

package io.spikelet.job.task;

import io.spikelet.job.executor.ModelHandle;
import java.util.Iterator;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;

/** What a model does to the rows of a partition, lazily: they leave in the order in which they finish. */
public abstract sealed class ModelTask implements MapPartitionsFunction<Row, Row>
        permits GenerateRows, ScoreRows, ChoiceRows, CompareRows {
    private static final long serialVersionUID = 1L;

    private final Broadcast<ModelHandle> handle;
    private final RowCounter counter;

    ModelTask(Broadcast<ModelHandle> handle, RowCounter counter) {
        this.handle = handle;
        this.counter = counter;
    }

    /** An engine on the model, which closes it. */
    abstract RowProcessor<?, ?> open(TaskModel model);

    @Override
    public final Iterator<Row> call(Iterator<Row> rows) {
        counter.reportAfter(TaskContext.get());
        return stream(rows, open(lease()));
    }

    final TaskModel lease() {
        return TaskModel.lease(handle.value());
    }

    /** The rows that come of these rows on an open engine. */
    Iterator<Row> stream(Iterator<Row> rows, RowProcessor<?, ?> work) {
        return new RowStream<>(rows, work, counter);
    }
}

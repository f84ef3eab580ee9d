package io.spikelet.job.task;

import io.spikelet.engine.decode.Generator;
import io.spikelet.job.executor.ModelHandle;
import java.util.Iterator;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;

/** Completes the prompts of a partition on one generator, lazily: rows leave in the order in which they finish. */
public final class GenerateRows implements MapPartitionsFunction<Row, Row> {
    private static final long serialVersionUID = 1L;

    /** Positions of new prompts that a pass takes beside the rows that decode. */
    private static final int PROMPT_COLUMNS = 64;

    private final Broadcast<ModelHandle> handle;
    private final String runId;
    private final GenerationSettings settings;
    private final RowLimits limits;
    private final RowCounter counter;

    public GenerateRows(
            Broadcast<ModelHandle> handle,
            String runId,
            GenerationSettings settings,
            RowLimits limits,
            RowCounter counter) {
        this.handle = handle;
        this.runId = runId;
        this.settings = settings;
        this.limits = limits;
        this.counter = counter;
    }

    @Override
    public Iterator<Row> call(Iterator<Row> rows) {
        counter.reportAfter(TaskContext.get());
        TaskModel model = TaskModel.lease(handle.value());
        Generator generator = model.closeAfterTask(new Generator(
                model.spiking(),
                model.tokenizer(),
                new Generator.Options(
                        settings.batchSize(), settings.batchSize() + PROMPT_COLUMNS, false, limits.timeoutSeconds())));
        return new RowStream<>(
                rows, new GenerationWork(generator, model.tokenizer(), runId, settings, limits), counter);
    }
}

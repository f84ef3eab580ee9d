package io.spikelet.job.task;

import io.spikelet.engine.decode.Generator;
import io.spikelet.engine.decode.MemoryPlan;
import io.spikelet.job.executor.ModelHandle;
import java.util.Iterator;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;

/** Completes the prompts of a partition on one generator, lazily: rows leave in the order in which they finish. */
public final class GenerateRows implements MapPartitionsFunction<Row, Row> {
    private static final long serialVersionUID = 1L;

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
                model.spiking(), model.tokenizer(), Generator.Options.of(plan(model), limits.timeoutSeconds())));
        return new RowStream<>(
                rows, new GenerationWork(generator, model.tokenizer(), runId, settings, limits), counter);
    }

    /** A usual row has a prompt of up to half the context; a longer one takes the room of several. */
    private MemoryPlan plan(TaskModel model) {
        int positions = Math.min(settings.context(), settings.context() / 2 + settings.maxNewTokens());
        MemoryPlan plan =
                MemoryPlan.forTask(model.spiking(), model.tokenizer().vocabSize(), positions, TaskSlots.ofThisJvm());
        return settings.batchSize() == GenerationSettings.AUTOMATIC ? plan : plan.withBatchSize(settings.batchSize());
    }
}

package io.spikelet.job.task;

import io.spikelet.engine.decode.MemoryPlan;
import io.spikelet.engine.score.ModelComparison;
import io.spikelet.engine.score.ProgressStore;
import io.spikelet.job.executor.ModelHandle;
import org.apache.spark.broadcast.Broadcast;

/** Compares two models on the documents of a partition. */
public record CompareRows(Broadcast<ModelHandle> baseline, CompareSettings settings) implements ProcessorFactory {
    @Override
    public RowProcessor<?, ?> open(TaskModel model, String runId, RowLimits limits, ProgressStore progress) {
        TaskModel other = model.leaseAnother(baseline.value());
        ModelComparison comparison = model.closeAfterTask(new ModelComparison(
                model.spiking(),
                other.spiking(),
                model.tokenizer(),
                settings.perplexityProtocol(),
                settings.batchSize(),
                limits.timeoutSeconds(),
                TaskSlots.ofThisJvm()));
        return new CompareProcessor(comparison, model.tokenizer(), runId, settings, limits);
    }

    /** Of both models, as if they were equally large. */
    @Override
    public MemoryPlan memory(TaskModel model) {
        MemoryPlan one = MemoryPlan.forOneOfTwo(model.spiking(), settings.batchSize(), TaskSlots.ofThisJvm());
        return new MemoryPlan(1, one.maxColumns(), 2 * one.rowBytes(), 2 * one.scratchBytes(), 2 * one.stateBytes(), 0);
    }
}

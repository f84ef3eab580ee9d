package io.spikelet.job.task;

import io.spikelet.engine.score.ModelComparison;
import io.spikelet.job.executor.ModelHandle;
import org.apache.spark.broadcast.Broadcast;

/** Compares two models on the documents of a partition. */
public final class CompareRows extends ModelTask {
    private static final long serialVersionUID = 1L;

    private final Broadcast<ModelHandle> baseline;
    private final CompareSettings settings;

    public CompareRows(
            Broadcast<ModelHandle> handle,
            Broadcast<ModelHandle> baseline,
            String runId,
            CompareSettings settings,
            RowLimits limits,
            RowCounter counter) {
        super(handle, runId, limits, counter);
        this.baseline = baseline;
        this.settings = settings;
    }

    @Override
    CompareProcessor open(TaskModel model) {
        TaskModel other = model.closeAfterTask(TaskModel.lease(baseline.value()));
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
}

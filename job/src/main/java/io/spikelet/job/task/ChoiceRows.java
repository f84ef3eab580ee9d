package io.spikelet.job.task;

import io.spikelet.engine.score.ChoiceScorer;
import io.spikelet.job.executor.ModelHandle;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.types.StructType;

/** Scores the items of a partition on one scorer. */
public final class ChoiceRows extends ModelTask {
    private static final long serialVersionUID = 1L;

    private final ChoiceSettings settings;
    private final StructType passThrough;

    /** @param passThrough columns of the input other than the task's text and the row id */
    public ChoiceRows(
            Broadcast<ModelHandle> handle,
            String runId,
            ChoiceSettings settings,
            StructType passThrough,
            RowLimits limits,
            RowCounter counter) {
        super(handle, runId, limits, counter);
        this.settings = settings;
        this.passThrough = passThrough;
    }

    @Override
    ChoiceProcessor open(TaskModel model) {
        ChoiceScorer scorer = model.closeAfterTask(new ChoiceScorer(
                model.spiking(),
                model.tokenizer(),
                new ChoiceScorer.Options(
                        settings.context(),
                        settings.prefix(),
                        settings.batchSize(),
                        limits.timeoutSeconds(),
                        TaskSlots.ofThisJvm())));
        ItemFields fields = new ItemFields(settings.task().text(), passThrough);
        return new ChoiceProcessor(scorer, model.tokenizer(), fields, runId, settings, limits);
    }
}

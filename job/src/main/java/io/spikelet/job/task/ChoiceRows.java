package io.spikelet.job.task;

import io.spikelet.engine.decode.MemoryPlan;
import io.spikelet.engine.score.ChoiceScorer;
import io.spikelet.engine.score.ProgressStore;
import org.apache.spark.sql.types.StructType;

/**
 * Scores the items of a partition on one scorer.
 *
 * @param passThrough columns of the input other than the task's text and the row id
 */
public record ChoiceRows(ChoiceSettings settings, StructType passThrough) implements ProcessorFactory {
    @Override
    public RowProcessor<?, ?> open(TaskModel model, String runId, RowLimits limits, ProgressStore progress) {
        ChoiceScorer scorer = model.closeAfterTask(new ChoiceScorer(
                model.spiking(),
                model.tokenizer(),
                new ChoiceScorer.Options(
                        settings.context(),
                        settings.prefix(),
                        settings.batchSize(),
                        limits.timeoutSeconds(),
                        TaskSlots.ofThisJvm(),
                        settings.before())));
        ItemFields fields = new ItemFields(settings.task().text(), passThrough);
        return new ChoiceProcessor(scorer, model.tokenizer(), fields, runId, settings, limits);
    }

    @Override
    public MemoryPlan memory(TaskModel model) {
        return MemoryPlan.forScoring(model.spiking(), settings.batchSize(), TaskSlots.ofThisJvm());
    }
}

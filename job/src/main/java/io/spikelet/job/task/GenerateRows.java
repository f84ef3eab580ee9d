package io.spikelet.job.task;

import io.spikelet.engine.decode.Generator;
import io.spikelet.engine.decode.MemoryPlan;
import io.spikelet.engine.score.ProgressStore;

/** Completes the prompts of a partition on one generator. */
public record GenerateRows(GenerationSettings settings) implements ProcessorFactory {
    @Override
    public RowProcessor<?, ?> open(TaskModel model, String runId, RowLimits limits, ProgressStore progress) {
        Generator generator = model.closeAfterTask(new Generator(
                model.spiking(), model.tokenizer(), Generator.Options.of(memory(model), limits.timeoutSeconds())));
        return new GenerationProcessor(generator, model.tokenizer(), runId, settings, limits);
    }

    /** A typical row has a prompt of up to half the context; a longer one takes the memory of several. */
    @Override
    public MemoryPlan memory(TaskModel model) {
        int positions = Math.min(
                settings.context(), settings.context() / 2 + settings.sampling().maxNewTokens());
        MemoryPlan plan =
                MemoryPlan.forTask(model.spiking(), model.tokenizer().vocabSize(), positions, TaskSlots.ofThisJvm());
        return settings.batchSize() == GenerationSettings.AUTOMATIC ? plan : plan.withBatchSize(settings.batchSize());
    }
}

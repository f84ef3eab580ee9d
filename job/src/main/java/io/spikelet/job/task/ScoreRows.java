package io.spikelet.job.task;

import io.spikelet.engine.score.TokenScorer;
import io.spikelet.job.executor.ModelHandle;
import org.apache.spark.broadcast.Broadcast;

/** Scores the documents of a partition on one scorer. */
public final class ScoreRows extends ModelTask {
    private static final long serialVersionUID = 1L;

    private final String runId;
    private final ScoringSettings settings;
    private final RowLimits limits;

    public ScoreRows(
            Broadcast<ModelHandle> handle,
            String runId,
            ScoringSettings settings,
            RowLimits limits,
            RowCounter counter) {
        super(handle, counter);
        this.runId = runId;
        this.settings = settings;
        this.limits = limits;
    }

    @Override
    ScoringWork open(TaskModel model) {
        TokenScorer scorer = model.closeAfterTask(new TokenScorer(
                model.spiking(),
                model.tokenizer(),
                settings.perplexityProtocol(),
                new TokenScorer.Options(settings.batchSize(), settings.emitTokens(), limits.timeoutSeconds())));
        return new ScoringWork(scorer, model.tokenizer(), runId, settings, limits);
    }
}

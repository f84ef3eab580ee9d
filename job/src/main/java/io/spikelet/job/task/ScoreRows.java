package io.spikelet.job.task;

import io.spikelet.engine.score.TokenScorer;
import io.spikelet.job.executor.ModelHandle;
import java.util.Iterator;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;

/** Scores the documents of a partition on one scorer, lazily. */
public final class ScoreRows implements MapPartitionsFunction<Row, Row> {
    private static final long serialVersionUID = 1L;

    private final Broadcast<ModelHandle> handle;
    private final String runId;
    private final ScoringSettings settings;
    private final RowLimits limits;
    private final RowCounter counter;

    public ScoreRows(
            Broadcast<ModelHandle> handle,
            String runId,
            ScoringSettings settings,
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
        TokenScorer scorer = model.closeAfterTask(new TokenScorer(
                model.spiking(),
                model.tokenizer(),
                settings.perplexityProtocol(),
                new TokenScorer.Options(settings.batchSize(), settings.emitTokens(), limits.timeoutSeconds())));
        return new RowStream<>(rows, new ScoringWork(scorer, model.tokenizer(), runId, settings, limits), counter);
    }
}

package io.spikelet.job.task;

import io.spikelet.engine.decode.MemoryPlan;
import io.spikelet.engine.score.ProgressStore;
import io.spikelet.engine.score.TokenScorer;
import java.util.Iterator;
import java.util.stream.StreamSupport;
import org.apache.spark.sql.Row;

/** Scores the documents of a partition on one scorer: a document is read once for all protocols. */
public record ScoreRows(ScoringSettings settings) implements ProcessorFactory {
    @Override
    public RowProcessor<?, ?> open(TaskModel model, String runId, RowLimits limits, ProgressStore progress) {
        TokenScorer.Options how = new TokenScorer.Options(
                settings.batchSize(),
                settings.emitTokens(),
                limits.timeoutSeconds(),
                settings.prefix(),
                TaskSlots.ofThisJvm(),
                progress);
        TokenScorer scorer =
                model.closeAfterTask(new TokenScorer(model.spiking(), model.tokenizer(), settings.ofDocuments(), how));
        return new ScoringProcessor(scorer, model.tokenizer(), runId, settings, limits);
    }

    @Override
    public MemoryPlan memory(TaskModel model) {
        return MemoryPlan.forScoring(model.spiking(), settings.batchSize(), TaskSlots.ofThisJvm());
    }

    /** A row for every document and protocol. */
    @Override
    public Iterator<Row> rows(Iterator<Row> packed) {
        Iterable<Row> rows = () -> packed;
        return StreamSupport.stream(rows.spliterator(), false)
                .flatMap(ScoringProcessor::unpack)
                .iterator();
    }
}

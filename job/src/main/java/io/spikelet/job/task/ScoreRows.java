package io.spikelet.job.task;

import io.spikelet.engine.score.TokenScorer;
import io.spikelet.job.executor.ModelHandle;
import java.util.Collections;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;

/** Scores the documents of a partition on one scorer: a document is read once for all protocols. */
public final class ScoreRows extends ModelTask {
    private static final long serialVersionUID = 1L;

    private final ScoringSettings settings;

    public ScoreRows(
            Broadcast<ModelHandle> handle,
            String runId,
            ScoringSettings settings,
            RowLimits limits,
            RowCounter counter) {
        super(handle, runId, limits, counter);
        this.settings = settings;
    }

    @Override
    ScoringProcessor open(TaskModel model) {
        TokenScorer.Options how = new TokenScorer.Options(
                settings.batchSize(),
                settings.emitTokens(),
                limits.timeoutSeconds(),
                settings.prefix(),
                TaskSlots.ofThisJvm());
        TokenScorer scorer =
                model.closeAfterTask(new TokenScorer(model.spiking(), model.tokenizer(), settings.ofDocuments(), how));
        return new ScoringProcessor(scorer, model.tokenizer(), runId, settings, limits);
    }

    /** A row for every document and protocol. */
    @Override
    Iterator<Row> rows(Iterator<Row> packed) {
        return new Iterator<>() {
            private Iterator<Row> unpacked = Collections.emptyIterator();

            @Override
            public boolean hasNext() {
                while (!unpacked.hasNext() && packed.hasNext()) {
                    unpacked = ScoringProcessor.unpack(packed.next());
                }
                return unpacked.hasNext();
            }

            @Override
            public Row next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                return unpacked.next();
            }
        };
    }
}

package io.spikelet.job.task;

import io.spikelet.engine.score.DocumentScore;
import io.spikelet.engine.score.ScoringDocument;
import io.spikelet.engine.score.TokenScorer;
import io.spikelet.engine.score.TokenScores;
import io.spikelet.engine.token.Tokenizer;
import io.spikelet.job.schema.ErrorClass;
import io.spikelet.job.schema.Tables;
import java.util.Arrays;
import java.util.Iterator;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;

/**
 * Documents to rows of the document_scores table; with the scores of the tokens as one column more, at the end, if they
 * are to be emitted. Not thread-safe; one per task.
 */
final class ScoringWork implements RowWork<ScoringDocument, DocumentScore> {
    private static final StructType COLUMNS = Tables.DOCUMENT_SCORES_COLUMNS;

    private final TokenScorer scorer;
    private final Tokenizer tokenizer;
    private final String runId;
    private final ScoringSettings settings;
    private final RowLimits limits;

    ScoringWork(TokenScorer scorer, Tokenizer tokenizer, String runId, ScoringSettings settings, RowLimits limits) {
        this.scorer = scorer;
        this.tokenizer = tokenizer;
        this.runId = runId;
        this.settings = settings;
        this.limits = limits;
    }

    @Override
    public Admission<ScoringDocument> admit(Row source) {
        if (!source.isNullAt(SourceRow.ERROR_CLASS)) {
            return refuse(source, source.getString(SourceRow.ERROR_CLASS), source.getString(SourceRow.ERROR_MESSAGE));
        }
        String text = source.getString(SourceRow.TEXT);
        if (limits.limitsTokens()) {
            int tokens = tokenizer.encode(text).length;
            if (tokens > limits.promptTokens()) {
                return refuse(source, ErrorClass.TOO_LONG, limits.tooMany(tokens));
            }
        }
        return new Admission<>(new ScoringDocument(source.getString(SourceRow.ROW_ID), text), null);
    }

    @Override
    public Iterator<DocumentScore> run(Iterator<ScoringDocument> requests) {
        return scorer.score(requests);
    }

    @Override
    public String rowId(DocumentScore score) {
        return score.rowId();
    }

    @Override
    public RowMeasures measures(DocumentScore score) {
        return new RowMeasures(score.tokens(), 0, score.failed(), score.encoderFiringRate(), score.ffnFiringRate());
    }

    @Override
    public Row finish(Row source, DocumentScore score) {
        if (score.failed()) {
            return fail(source, score.errorClass(), score.errorMessage());
        }
        Object[] values = begin(source);
        set(values, "tokens", score.tokens());
        set(values, "scored_tokens", score.scoredTokens());
        set(values, "bytes", score.length().bytes());
        set(values, "characters", score.length().characters());
        set(values, "words", score.length().words());
        set(values, "nll", score.nll());
        set(values, "encoder_firing_rate", score.encoderFiringRate());
        set(values, "ffn_firing_rate", score.ffnFiringRate());
        set(values, "ffn_firing_rate_by_layer", score.ffnFiringRateByLayer());
        set(values, "block_firing_rate_by_layer", score.blockFiringRateByLayer());
        score.tokenScores().ifPresent(tokens -> values[values.length - 1] = structs(tokens));
        return RowFactory.create(values);
    }

    private Admission<ScoringDocument> refuse(Row source, String errorClass, String message) {
        return new Admission<>(null, fail(source, errorClass, message));
    }

    @Override
    public Row fail(Row source, String errorClass, String message) {
        Object[] values = begin(source);
        set(values, "error_class", errorClass);
        set(values, "error_message", message);
        return RowFactory.create(values);
    }

    private Object[] begin(Row source) {
        Object[] row = SourceRow.output(source, COLUMNS.size());
        Object[] values = settings.emitTokens() ? Arrays.copyOf(row, row.length + 1) : row;
        set(values, "run_id", runId);
        set(values, "row_id", source.getString(SourceRow.ROW_ID));
        set(values, "content_sha256", source.getString(SourceRow.CONTENT_SHA256));
        set(values, "protocol", settings.protocol());
        return values;
    }

    private static Row[] structs(TokenScores tokens) {
        return IntStream.range(0, tokens.positions().length)
                .mapToObj(i -> RowFactory.create(
                        tokens.positions()[i],
                        tokens.tokenIds()[i],
                        tokens.nlls()[i],
                        tokens.ranks()[i],
                        tokens.entropies()[i]))
                .toArray(Row[]::new);
    }

    private static void set(Object[] values, String column, Object value) {
        values[COLUMNS.fieldIndex(column)] = value;
    }
}

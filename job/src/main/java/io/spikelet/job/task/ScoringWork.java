package io.spikelet.job.task;

import io.spikelet.engine.score.DocumentScore;
import io.spikelet.engine.score.PerplexityProtocol;
import io.spikelet.engine.score.ScoringDocument;
import io.spikelet.engine.score.ScoringUnit;
import io.spikelet.engine.score.TokenScorer;
import io.spikelet.engine.score.TokenScores;
import io.spikelet.engine.score.UnitScores;
import io.spikelet.engine.token.Tokenizer;
import io.spikelet.job.schema.ErrorClass;
import io.spikelet.job.schema.Tables;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;

/**
 * Documents to rows of the document_scores table, one for each protocol, packed into one row whose columns they are; with
 * the scores of the tokens as one column more, at the end, if they are to be emitted. Not thread-safe; one per task.
 */
final class ScoringWork implements RowWork<ScoringUnit, UnitScores> {
    private static final StructType COLUMNS = Tables.DOCUMENT_SCORES_COLUMNS;

    private final TokenScorer scorer;
    private final Tokenizer tokenizer;
    private final String runId;
    private final List<PerplexityProtocol> protocols;
    private final OptionalInt prefixToken;
    private final boolean emitsTokens;
    private final RowLimits limits;

    ScoringWork(TokenScorer scorer, Tokenizer tokenizer, String runId, ScoringSettings settings, RowLimits limits) {
        this.scorer = scorer;
        this.tokenizer = tokenizer;
        this.runId = runId;
        this.protocols = settings.ofDocuments();
        this.prefixToken = settings.prefix().token(tokenizer);
        this.emitsTokens = settings.emitTokens();
        this.limits = limits;
    }

    /** The rows of a packed one. */
    static Iterator<Row> unpack(Row packed) {
        return IntStream.range(0, packed.size()).mapToObj(packed::getStruct).iterator();
    }

    @Override
    public Admission<ScoringUnit> admit(Row source) {
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
    public Iterator<UnitScores> run(Iterator<ScoringUnit> requests) {
        return scorer.score(requests);
    }

    @Override
    public String rowId(UnitScores scores) {
        return scores.rowId();
    }

    /** The protocols share their passes: the tokens are those of one, as the plan counts them. */
    @Override
    public RowMeasures measures(UnitScores scores) {
        DocumentScore first = scores.scores().getFirst();
        boolean failed = scores.scores().stream().anyMatch(DocumentScore::failed);
        return new RowMeasures(first.tokens(), 0, failed, first.encoderFiringRate(), first.ffnFiringRate());
    }

    @Override
    public Row finish(Row source, UnitScores scores) {
        return RowFactory.create(IntStream.range(0, protocols.size())
                .mapToObj(i -> row(source, protocols.get(i), scores.scores().get(i)))
                .toArray());
    }

    private Row row(Row source, PerplexityProtocol protocol, DocumentScore score) {
        Object[] values = begin(source, protocol);
        if (score.failed()) {
            set(values, "error_class", score.errorClass());
            set(values, "error_message", score.errorMessage());
            return RowFactory.create(values);
        }
        set(values, "tokens", score.tokens());
        set(values, "scored_tokens", score.scoredTokens());
        set(values, "weight", score.weight());
        set(values, "bytes", score.length().bytes());
        set(values, "characters", score.length().characters());
        set(values, "words", score.length().words());
        set(values, "nll", score.nll());
        set(values, "nll_squared", score.nllSquared());
        set(values, "encoder_firing_rate", score.encoderFiringRate());
        set(values, "ffn_firing_rate", score.ffnFiringRate());
        set(values, "ffn_firing_rate_by_layer", score.ffnFiringRateByLayer());
        set(values, "block_firing_rate_by_layer", score.blockFiringRateByLayer());
        score.tokenScores().ifPresent(tokens -> values[values.length - 1] = structs(tokens));
        return RowFactory.create(values);
    }

    private Admission<ScoringUnit> refuse(Row source, String errorClass, String message) {
        return new Admission<>(null, fail(source, errorClass, message));
    }

    @Override
    public Row fail(Row source, String errorClass, String message) {
        return RowFactory.create(protocols.stream()
                .map(protocol -> {
                    Object[] values = begin(source, protocol);
                    set(values, "error_class", errorClass);
                    set(values, "error_message", message);
                    return RowFactory.create(values);
                })
                .toArray());
    }

    private Object[] begin(Row source, PerplexityProtocol protocol) {
        Object[] row = SourceRow.output(source, COLUMNS.size());
        Object[] values = emitsTokens ? Arrays.copyOf(row, row.length + 1) : row;
        set(values, "run_id", runId);
        set(values, "row_id", source.getString(SourceRow.ROW_ID));
        set(values, "content_sha256", source.getString(SourceRow.CONTENT_SHA256));
        set(values, "protocol", protocol.name());
        if (protocol.context() != PerplexityProtocol.UNBOUNDED) {
            set(values, "context", protocol.context());
        }
        if (protocol.stride() > 0) {
            set(values, "stride", protocol.stride());
        }
        if (protocol.isPrefixed() && prefixToken.isPresent()) {
            set(values, "prefix_token", prefixToken.getAsInt());
        }
        return values;
    }

    private static Row[] structs(TokenScores tokens) {
        return IntStream.range(0, tokens.positions().length)
                .mapToObj(i -> RowFactory.create(
                        tokens.positions()[i],
                        tokens.tokenIds()[i],
                        tokens.begins()[i],
                        tokens.ends()[i],
                        tokens.nlls()[i],
                        tokens.weights()[i],
                        tokens.ranks()[i],
                        tokens.entropies()[i]))
                .toArray(Row[]::new);
    }

    private static void set(Object[] values, String column, Object value) {
        values[COLUMNS.fieldIndex(column)] = value;
    }
}

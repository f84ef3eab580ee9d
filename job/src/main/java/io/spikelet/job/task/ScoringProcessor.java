package io.spikelet.job.task;

import io.spikelet.engine.score.DocumentScore;
import io.spikelet.engine.score.PerplexityProtocol;
import io.spikelet.engine.score.ScoringDocument;
import io.spikelet.engine.score.ScoringUnit;
import io.spikelet.engine.score.ScoringWindow;
import io.spikelet.engine.score.TokenScorer;
import io.spikelet.engine.score.TokenScores;
import io.spikelet.engine.score.UnitScores;
import io.spikelet.engine.token.Tokenizer;
import io.spikelet.job.schema.ErrorClass;
import io.spikelet.job.schema.Tables;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/**
 * Documents to rows of the document_scores table, one for each protocol, packed into one row whose columns they are; with
 * the scores of the tokens as one column more, at the end, if they are to be emitted. Not thread-safe; one per task.
 */
final class ScoringProcessor extends TableProcessor<ScoringUnit, UnitScores> {
    private final TokenScorer scorer;
    private final Tokenizer tokenizer;
    private final List<PerplexityProtocol> protocols;
    private final OptionalInt prefixToken;
    private final boolean emitsTokens;
    private final boolean joins;
    private final RowLimits limits;

    ScoringProcessor(
            TokenScorer scorer, Tokenizer tokenizer, String runId, ScoringSettings settings, RowLimits limits) {
        super(Tables.DOCUMENT_SCORES_COLUMNS, runId);
        this.scorer = scorer;
        this.tokenizer = tokenizer;
        this.protocols = settings.ofDocuments();
        boolean needsPrefix = protocols.stream().anyMatch(PerplexityProtocol::isPrefixed);
        this.prefixToken = needsPrefix ? settings.prefix().token(tokenizer) : OptionalInt.empty();
        this.emitsTokens = settings.emitTokens();
        this.joins = !settings.ofCorpus().isEmpty();
        this.limits = limits;
    }

    /** The rows of a packed one. */
    static Stream<Row> unpack(Row packed) {
        return IntStream.range(0, packed.size()).mapToObj(packed::getStruct);
    }

    @Override
    Admission<ScoringUnit> accept(Row source) {
        if (isWindow(source)) {
            Row window = source.getStruct(source.size() - 1);
            int[] ids = window.<Integer>getList(0).stream()
                    .mapToInt(Integer::intValue)
                    .toArray();
            return new Admission<>(new ScoringWindow(source.getString(SourceRow.ROW_ID), ids, window.getInt(1)), null);
        }
        String text = source.getString(SourceRow.TEXT);
        Optional<String> refusal = limits.refusal(tokenizer, text);
        if (refusal.isPresent()) {
            return refuse(source, ErrorClass.TOO_LONG, refusal.get());
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
        return new RowMeasures(
                first.tokens(),
                first.tokens(),
                0,
                failed,
                0,
                first.spikes().rate("encoder").orElse(Double.NaN),
                first.spikes().rate("ffn").orElse(Double.NaN));
    }

    @Override
    public Row finish(Row source, UnitScores scores) {
        if (isWindow(source)) {
            return RowFactory.create((Object) window(source, scores.scores().getFirst()));
        }
        return RowFactory.create(IntStream.range(0, protocols.size())
                .mapToObj(i -> row(source, protocols.get(i), scores.scores().get(i)))
                .toArray());
    }

    /** Whether a row is a window of joined documents, which its last column holds then. */
    private boolean isWindow(Row source) {
        return joins && !source.isNullAt(source.size() - 1);
    }

    private Row window(Row source, DocumentScore score) {
        Object[] values = begin(source, Tables.WINDOW_PROTOCOL);
        setError(values, score.errorClass(), score.errorMessage());
        if (!score.failed()) {
            setAll(values, FiringColumns.of(score.spikes()));
            TokenScores tokens = score.tokenScores().orElseThrow();
            values[values.length - 1] = RowFactory.create(tokens.nlls(), tokens.ranks(), tokens.entropies());
        }
        return RowFactory.create(values);
    }

    private Row row(Row source, PerplexityProtocol protocol, DocumentScore score) {
        Object[] values = begin(source, protocol);
        if (score.failed()) {
            setError(values, score.errorClass(), score.errorMessage());
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
        setAll(values, FiringColumns.of(score.spikes()));
        setAll(values, FiringColumns.byLayer(score.spikes()));
        setAll(values, FiringColumns.of(score.operations()));
        score.tokenScores().ifPresent(tokens -> values[values.length - (joins ? 2 : 1)] = structs(tokens));
        return RowFactory.create(values);
    }

    @Override
    public Row fail(Row source, String errorClass, String message) {
        if (isWindow(source)) {
            Object[] values = begin(source, Tables.WINDOW_PROTOCOL);
            setError(values, errorClass, message);
            return RowFactory.create((Object) RowFactory.create(values));
        }
        return RowFactory.create(protocols.stream()
                .map(protocol -> {
                    Object[] values = begin(source, protocol);
                    setError(values, errorClass, message);
                    return RowFactory.create(values);
                })
                .toArray());
    }

    private Object[] begin(Row source, PerplexityProtocol protocol) {
        Object[] values = begin(source, protocol.name());
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

    private Object[] begin(Row source, String protocol) {
        Object[] row = super.begin(source);
        int columns = joins ? row.length - 1 : row.length; // the window does not pass through
        Object[] values = Arrays.copyOf(row, columns + (emitsTokens ? 1 : 0) + (joins ? 1 : 0));
        Arrays.fill(values, columns, values.length, null);
        set(values, "protocol", protocol);
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
}

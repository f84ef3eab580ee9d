package io.spikelet.job.task;

import io.spikelet.engine.score.Comparison;
import io.spikelet.engine.score.ModelComparison;
import io.spikelet.engine.score.ScoringDocument;
import io.spikelet.engine.token.Tokenizer;
import io.spikelet.job.schema.ErrorClass;
import io.spikelet.job.schema.Tables;
import java.util.Iterator;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/** Documents to rows of the document_comparisons table. Not thread-safe; one per task. */
final class CompareProcessor extends TableProcessor<ScoringDocument, Comparison> {
    private final ModelComparison comparison;
    private final Tokenizer tokenizer;
    private final CompareSettings settings;
    private final RowLimits limits;

    CompareProcessor(
            ModelComparison comparison, Tokenizer tokenizer, String runId, CompareSettings settings, RowLimits limits) {
        super(Tables.DOCUMENT_COMPARISONS_COLUMNS, runId);
        this.comparison = comparison;
        this.tokenizer = tokenizer;
        this.settings = settings;
        this.limits = limits;
    }

    @Override
    Admission<ScoringDocument> accept(Row source) {
        String text = source.getString(SourceRow.TEXT);
        Optional<String> refusal = limits.refusal(tokenizer, text);
        if (refusal.isPresent()) {
            return refuse(source, ErrorClass.TOO_LONG, refusal.get());
        }
        return new Admission<>(new ScoringDocument(source.getString(SourceRow.ROW_ID), text), null);
    }

    @Override
    public Iterator<Comparison> run(Iterator<ScoringDocument> documents) {
        Iterable<ScoringDocument> all = () -> documents;
        return StreamSupport.stream(all.spliterator(), false)
                .map(comparison::compare)
                .iterator();
    }

    @Override
    public String rowId(Comparison result) {
        return result.rowId();
    }

    @Override
    public RowMeasures measures(Comparison result) {
        return RowMeasures.ofScore(2 * result.tokens(), result.failed());
    }

    @Override
    public Row finish(Row source, Comparison result) {
        if (result.failed()) {
            return fail(source, result.errorClass(), result.errorMessage());
        }
        Object[] values = begin(source);
        set(values, "scored_tokens", (long) result.positions().length);
        set(values, "bytes", result.length().bytes());
        set(values, "nll", result.nll());
        set(values, "baseline_nll", result.baselineNll());
        set(values, "kl_divergence", result.divergence());
        set(values, "same_top", result.sameTop());
        set(values, "token_comparisons", structs(result));
        setAll(values, FiringColumns.of(result.operations()));
        setAll(values, FiringColumns.of(result.baselineOperations(), Tables.BASELINE));
        return RowFactory.create(values);
    }

    private static Row[] structs(Comparison result) {
        return IntStream.range(0, result.positions().length)
                .mapToObj(i -> RowFactory.create(
                        result.positions()[i],
                        result.tokenIds()[i],
                        result.nlls()[i],
                        result.baselineNlls()[i],
                        result.divergences()[i],
                        result.sameTops()[i],
                        StrictMath.exp(-result.nlls()[i]) - StrictMath.exp(-result.baselineNlls()[i])))
                .toArray(Row[]::new);
    }

    @Override
    Object[] begin(Row source) {
        Object[] values = super.begin(source);
        set(values, "protocol", settings.protocol());
        return values;
    }
}

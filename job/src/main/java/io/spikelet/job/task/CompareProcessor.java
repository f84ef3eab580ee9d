package io.spikelet.job.task;

import io.spikelet.engine.score.Comparison;
import io.spikelet.engine.score.ModelComparison;
import io.spikelet.engine.score.ScoringDocument;
import io.spikelet.engine.token.Tokenizer;
import io.spikelet.job.MessageText;
import io.spikelet.job.schema.ErrorClass;
import io.spikelet.job.schema.Tables;
import java.util.Iterator;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;

/** Documents to rows of the document_comparisons table. Not thread-safe; one per task. */
final class CompareProcessor implements RowProcessor<ScoringDocument, Comparison> {
    private static final StructType COLUMNS = Tables.DOCUMENT_COMPARISONS_COLUMNS;

    private final ModelComparison comparison;
    private final Tokenizer tokenizer;
    private final String runId;
    private final CompareSettings settings;
    private final RowLimits limits;

    CompareProcessor(
            ModelComparison comparison, Tokenizer tokenizer, String runId, CompareSettings settings, RowLimits limits) {
        this.comparison = comparison;
        this.tokenizer = tokenizer;
        this.runId = runId;
        this.settings = settings;
        this.limits = limits;
    }

    @Override
    public Admission<ScoringDocument> admit(Row source) {
        if (!source.isNullAt(SourceRow.ERROR_CLASS)) {
            return refuse(source);
        }
        String text = source.getString(SourceRow.TEXT);
        Optional<String> refusal = limits.refusal(tokenizer, text);
        if (refusal.isPresent()) {
            return refuse(source, ErrorClass.TOO_LONG, refusal.get());
        }
        return new Admission<>(new ScoringDocument(source.getString(SourceRow.ROW_ID), text), null);
    }

    @Override
    public Iterator<Comparison> run(Iterator<ScoringDocument> documents) {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return documents.hasNext();
            }

            @Override
            public Comparison next() {
                return comparison.compare(documents.next());
            }
        };
    }

    @Override
    public String rowId(Comparison result) {
        return result.rowId();
    }

    @Override
    public RowMeasures measures(Comparison result) {
        return new RowMeasures(2 * result.tokens(), 0, result.failed(), Double.NaN, Double.NaN);
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
    public Row fail(Row source, String errorClass, String message) {
        Object[] values = begin(source);
        set(values, "error_class", errorClass);
        set(values, "error_message", MessageText.line(message));
        return RowFactory.create(values);
    }

    private Object[] begin(Row source) {
        Object[] values = SourceRow.output(source, COLUMNS.size());
        set(values, "run_id", runId);
        set(values, "row_id", source.getString(SourceRow.ROW_ID));
        set(values, "content_sha256", source.getString(SourceRow.CONTENT_SHA256));
        set(values, "protocol", settings.protocol());
        return values;
    }

    private static void set(Object[] values, String column, Object value) {
        values[COLUMNS.fieldIndex(column)] = value;
    }
}

package io.spikelet.job.action;

import io.spikelet.engine.model.Ablation;
import io.spikelet.engine.model.FamilyConfig;
import io.spikelet.engine.model.KeyValueType;
import io.spikelet.job.UsageException;
import io.spikelet.job.executor.ModelLocation;
import io.spikelet.job.schema.PassThrough;
import io.spikelet.job.schema.Tables;
import io.spikelet.job.sql.ComparisonSummary;
import io.spikelet.job.task.CompareRows;
import io.spikelet.job.task.CompareSettings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/**
 * Compares a model with a baseline on every document of an input and writes the tables {@code document_comparisons},
 * {@code comparison_summary} and {@code runs}.
 */
public record CompareJob(CompareOptions options) implements ModelJob {
    @Override
    public void check(JobContext context) {
        RunModel model = context.model();
        RunModel baseline = context.baseline();
        boolean isSame =
                model.manifest().tokenizerSha256().equals(baseline.manifest().tokenizerSha256())
                        && model.config().vocabSize() == baseline.config().vocabSize();
        if (!isSame) {
            throw new UsageException("--model and --baseline have different tokenizers or vocabularies; token by token"
                    + " only models with the same can be compared: compare their bits per byte instead");
        }
    }

    @Override
    public Optional<ModelLocation> baseline() {
        return Optional.of(options.baseline());
    }

    @Override
    public List<String> tables() {
        return List.of(Tables.DOCUMENT_COMPARISONS);
    }

    @Override
    public List<String> keys() {
        return List.of("row_id", "protocol");
    }

    @Override
    public StructType schema(JobContext context) {
        return PassThrough.append(
                Tables.DOCUMENT_COMPARISONS,
                Tables.DOCUMENT_COMPARISONS_COLUMNS,
                context.input().passThrough());
    }

    @Override
    public CompareRows work(JobContext context) {
        return new CompareRows(context.baselineHandle(), options.settings(context.config()));
    }

    @Override
    public void write(Run run, FinishedRows rows) {
        rows.writeMain();
        rows.writeSmall(new ComparisonSummary(rows.written(), run.id()).rows(), Tables.COMPARISON_SUMMARY);
    }

    @Override
    public int passes(FamilyConfig config) {
        CompareSettings settings = options.settings(config);
        return Math.ceilDiv(settings.context(), settings.stride());
    }

    @Override
    public RunTotals totals(Dataset<Row> written) {
        return RunTotals.ofScores(written, "scored_tokens");
    }

    @Override
    public Map<String, Object> determining(JobContext context) {
        Map<String, Object> values = settings(context.config());
        values.remove("batch-size");
        values.remove("baseline"); // its location is not part of the result, its content is
        values.put("baseline-manifest-sha256", context.baseline().handle().manifestSha256());
        return values;
    }

    @Override
    public Map<String, Object> settings(FamilyConfig config) {
        CompareSettings settings = options.settings(config);
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("baseline", options.baseline().toString());
        values.put(
                "baseline-ablate", Ablation.labels(options.baseline().settings().ablations()));
        KeyValueType cache = options.baseline().settings().keyValueCache();
        values.put("baseline-kv-cache", cache == null ? "its own" : cache.label());
        values.put("protocol", settings.protocol());
        values.put("context", settings.context());
        values.put("stride", settings.stride());
        values.put("batch-size", settings.batchSize());
        return values;
    }
}

package io.spikelet.job.action;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.spikelet.engine.model.Ablation;
import io.spikelet.engine.model.ModelManifest;
import io.spikelet.engine.telemetry.KernelChoice;
import io.spikelet.job.LiteralPath;
import io.spikelet.job.Redaction;
import io.spikelet.job.plan.RequestSpec;
import io.spikelet.job.plan.SliceEntry;
import io.spikelet.job.plan.TaskReport;
import io.spikelet.job.schema.Tables;
import io.spikelet.job.task.RowLimits;
import io.spikelet.job.task.ThisJvm;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/** The one row of the runs table: what ran, on what, with which result. */
final class RunMetadata {
    private static final ObjectMapper JSON = new ObjectMapper();

    private RunMetadata() {}

    /**
     * Writes the table.
     *
     * @param settings the settings of the command, after all defaults, by option name
     */
    static void write(Run run, Map<String, Object> settings, RunTotals totals) {
        Row row = row(run, settings, totals, Instant.now());
        Dataset<Row> runs = run.spark().createDataFrame(List.of(row), Tables.RUNS_COLUMNS);
        if (run.output().isPublished()) {
            runs = LiteralPath.read(run.spark())
                    .schema(Tables.RUNS_COLUMNS)
                    .parquet(run.output().publishedTable(Tables.RUNS))
                    .union(runs);
        }
        runs.coalesce(1).write().parquet(run.output().table(Tables.RUNS));
    }

    private static Row row(Run run, Map<String, Object> settings, RunTotals totals, Instant finishedAt) {
        ModelManifest manifest = run.model().manifest();
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("run_id", run.id());
        values.put("command", run.request().command());
        values.put("configuration", json(configuration(run, settings)));
        values.put("model", Redaction.addresses(run.model().handle().uri().toString()));
        values.put("model_variant", manifest.config().variant());
        values.put("manifest_sha256", run.model().handle().manifestSha256());
        values.put("weights_sha256", manifest.weightsSha256());
        values.put("tokenizer_sha256", manifest.tokenizerSha256().orElse(null));
        putEnvironment(values, run);
        values.put("rows", totals.rows());
        values.put("failed_rows", totals.failedRows());
        values.put("prompt_tokens", totals.promptTokens());
        values.put("completion_tokens", totals.completionTokens());
        values.put("scored_tokens", totals.scoredTokens());
        values.put("started_at", run.startedAt());
        values.put("finished_at", finishedAt);
        values.put("wall_seconds", run.startedAt().until(finishedAt, ChronoUnit.MILLIS) / 1000.0);
        values.put("attempts", run.output().ledger().state().orElseThrow().attempts());
        values.put("fingerprint", RunFingerprint.json(run.fingerprint()));
        values.put("result_digest", totals.digest());
        putTasks(values, run.output().ledger().committed());
        return RowFactory.create(
                Stream.of(Tables.RUNS_COLUMNS.fieldNames()).map(values::get).toArray());
    }

    private static void putEnvironment(Map<String, Object> values, Run run) {
        values.put(
                "spikelet_version",
                Optional.ofNullable(RunMetadata.class.getPackage().getImplementationVersion())
                        .orElse("(not from a jar)"));
        values.put("spark_version", run.spark().version());
        values.put("java_version", Runtime.version().toString());
        values.put("jvm", ThisJvm.name());
        values.put(
                "operating_system",
                System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                        + System.getProperty("os.arch"));
        values.put("cpu", ThisJvm.cpu());
        values.put("cores", run.spark().sparkContext().defaultParallelism());
        values.put("kernels", KernelChoice.description());
        values.put("master", run.spark().sparkContext().master());
        values.put("partitions", run.partitions());
    }

    private static Map<String, Object> configuration(Run run, Map<String, Object> settings) {
        Map<String, Object> configuration = new LinkedHashMap<>();
        configuration.put("model", run.request().model().toString());
        if (!run.request().model().ablations().isEmpty()) {
            configuration.put("ablate", Ablation.labels(run.request().model().ablations()));
        }
        configuration.put("input", run.request().input().path());
        run.request().input().format().ifPresent(format -> configuration.put("format", format.label()));
        configuration.put("text-column", run.request().input().textColumn());
        run.request().input().idColumn().ifPresent(id -> configuration.put("id-column", id));
        configuration.put("drop-columns", run.request().input().droppedColumns());
        run.request().input().limit().ifPresent(limit -> configuration.put("limit", limit));
        RequestSpec requests = run.request().input().requests();
        requests.template().ifPresent(template -> configuration.put("template", template.text()));
        configuration.put("override-columns", requests.overrides());
        configuration.put("samples", requests.samples());
        configuration.put("deduplicate", requests.deduplicate());
        configuration.put("output", run.output().target());
        configuration.put("partitions", run.partitions());
        RowLimits limits = run.request().limits();
        configuration.put("max-prompt-tokens", limits.limitsTokens() ? limits.promptTokens() : null);
        configuration.put("row-timeout", Double.isFinite(limits.timeoutSeconds()) ? limits.timeoutSeconds() : null);
        configuration.put("slice-rows", run.sliceRows());
        configuration.putAll(settings);
        return configuration;
    }

    private static String json(Map<String, Object> configuration) {
        try {
            return Redaction.addresses(JSON.writeValueAsString(configuration));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("settings are plain values", e);
        }
    }

    private static void putTasks(Map<String, Object> values, List<SliceEntry> slices) {
        Set<Row> executors = new LinkedHashSet<>();
        List<Row> partitions = new ArrayList<>();
        double slowest = 0;
        double mean = 0;
        for (SliceEntry slice : slices) {
            for (TaskReport task : slice.tasks()) {
                executors.add(RowFactory.create(
                        task.executor(), task.host(), task.javaVersion(), task.jvm(), task.cpu(), task.kernels()));
                partitions.add(RowFactory.create(
                        slice.slice(),
                        slice.attempt(),
                        task.partition(),
                        task.rows(),
                        slice.predictedTokens().getOrDefault(task.partition(), 0L),
                        task.tokens(),
                        task.seconds(),
                        task.engineSeconds(),
                        task.executor(),
                        Instant.ofEpochMilli(task.startedAtMillis())));
            }
            DoubleSummaryStatistics seconds = slice.tasks().stream()
                    .filter(task -> task.rows() > 0)
                    .mapToDouble(TaskReport::seconds)
                    .summaryStatistics();
            slowest += seconds.getCount() == 0 ? 0 : seconds.getMax();
            mean += seconds.getAverage();
        }
        values.put("straggler_ratio", mean > 0 ? slowest / mean : null);
        values.put("executors", executors.toArray(Row[]::new));
        values.put("partition_costs", partitions.toArray(Row[]::new));
    }
}

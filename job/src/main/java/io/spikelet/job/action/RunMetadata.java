package io.spikelet.job.action;

import io.spikelet.engine.model.Ablation;
import io.spikelet.engine.model.ModelManifest;
import io.spikelet.engine.model.Scheme;
import io.spikelet.engine.telemetry.KernelChoice;
import io.spikelet.job.LiteralPath;
import io.spikelet.job.Redaction;
import io.spikelet.job.plan.RequestSpec;
import io.spikelet.job.plan.ShardCommit;
import io.spikelet.job.schema.Tables;
import io.spikelet.job.task.RowLimits;
import io.spikelet.job.task.ThisJvm;
import java.time.Instant;
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;

/** The row of the runs table: what ran, on what machine, with which result. */
final class RunMetadata {
    private RunMetadata() {}

    /**
     * Writes the tables {@code runs} and {@code shards}, behind what earlier runs have written.
     */
    static void write(Run run, ModelJob job, RunTotals totals) {
        List<ShardCommit> shards = run.output().ledger().committed();
        Row row = row(run, job.settings(run.config()), totals, shards, Instant.now());
        write(run, Tables.RUNS, Tables.RUNS_COLUMNS, List.of(row));
        write(
                run,
                Tables.SHARDS,
                Tables.SHARDS_COLUMNS,
                shards.stream().map(shard -> row(run, shard)).toList());
    }

    private static void write(Run run, String table, StructType schema, List<Row> rows) {
        Dataset<Row> all = run.spark().createDataFrame(rows, schema);
        if (run.output().hasPublished(table)) {
            all = LiteralPath.read(run.spark())
                    .schema(schema)
                    .parquet(run.output().publishedTable(table))
                    .union(all);
        }
        DriverTable.write(all, run.output().table(table));
    }

    private static Row row(Run run, ShardCommit shard) {
        return RowFactory.create(
                run.id(),
                shard.attempt(),
                shard.shard(),
                shard.rows(),
                shard.predictedTokens(),
                shard.tokens(),
                shard.seconds(),
                shard.engineSeconds(),
                shard.executor(),
                Instant.ofEpochMilli(shard.startedAtMillis()));
    }

    private static Row row(
            Run run, Map<String, Object> settings, RunTotals totals, List<ShardCommit> shards, Instant finishedAt) {
        ModelManifest manifest = run.model().manifest();
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("run_id", run.id());
        values.put("command", run.arguments().command());
        values.put("configuration", Redaction.addresses(RunFingerprint.json(configuration(run, settings))));
        values.put("model", Redaction.addresses(run.model().handle().uri().toString()));
        values.put("model_family", manifest.config().family().architecture());
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
        values.put("wall_seconds", run.wallSeconds(finishedAt));
        values.put("attempts", run.attempt());
        values.put("fingerprint", RunFingerprint.json(run.fingerprint().fields()));
        values.put("result_digest", totals.digest());
        putExecutors(values, shards);
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
        values.put("kernels", KernelChoice.explanation(run.isShort()));
        values.put("master", run.spark().sparkContext().master());
        values.put("partitions", run.shards());
    }

    private static Map<String, Object> configuration(Run run, Map<String, Object> settings) {
        Map<String, Object> configuration = new LinkedHashMap<>();
        configuration.put("model", run.arguments().model().toString());
        if (!run.arguments().model().settings().ablations().isEmpty()) {
            configuration.put(
                    "ablate", Ablation.labels(run.arguments().model().settings().ablations()));
        }
        configuration.put("scheme", Scheme.of(run.model().manifest()).label());
        run.comparedWith()
                .ifPresent(baseline -> configuration.put(
                        "baseline-scheme", Scheme.of(baseline.manifest()).label()));
        run.config().keyValueCache().ifPresent(type -> configuration.put("kv-cache", type.label()));
        configuration.put("input", run.arguments().input().path());
        run.arguments().input().format().ifPresent(format -> configuration.put("format", format.label()));
        configuration.put("text-column", run.arguments().input().textColumn());
        run.arguments().input().idColumn().ifPresent(id -> configuration.put("id-column", id));
        configuration.put("drop-columns", run.arguments().input().droppedColumns());
        run.arguments().input().limit().ifPresent(limit -> configuration.put("limit", limit));
        RequestSpec requests = run.arguments().input().requests();
        requests.template().ifPresent(template -> configuration.put("template", template.text()));
        configuration.put("override-columns", requests.overrides());
        configuration.put("samples", requests.samples());
        configuration.put("deduplicate", requests.deduplicate());
        configuration.put("output", run.output().target());
        configuration.put("partitions", run.shards());
        RowLimits limits = run.arguments().limits();
        configuration.put("max-prompt-tokens", limits.limitsTokens() ? limits.promptTokens() : null);
        configuration.put("row-timeout", Double.isFinite(limits.timeoutSeconds()) ? limits.timeoutSeconds() : null);
        configuration.put("max-row-bytes", limits.rowBytes());
        configuration.putAll(settings);
        return configuration;
    }

    /** One entry for each executor, however many shards it did. */
    private static void putExecutors(Map<String, Object> values, List<ShardCommit> shards) {
        Map<List<String>, List<ShardCommit>> byExecutor = shards.stream()
                .collect(Collectors.groupingBy(
                        shard -> List.of(
                                shard.executor(),
                                shard.host(),
                                shard.javaVersion(),
                                shard.jvm(),
                                shard.cpu(),
                                shard.kernels()),
                        LinkedHashMap::new,
                        Collectors.toList()));
        values.put(
                "executors",
                byExecutor.entrySet().stream()
                        .map(entry -> executor(entry.getKey(), entry.getValue()))
                        .toArray(Row[]::new));
        DoubleSummaryStatistics seconds = shards.stream()
                .filter(shard -> shard.rows() > 0)
                .mapToDouble(ShardCommit::seconds)
                .summaryStatistics();
        values.put("straggler_ratio", seconds.getSum() > 0 ? seconds.getMax() / seconds.getAverage() : null);
    }

    private static Row executor(List<String> names, List<ShardCommit> shards) {
        Stream<Object> figures = Stream.of(
                (long) shards.size(),
                shards.stream().mapToLong(ShardCommit::rows).sum(),
                shards.stream().mapToLong(ShardCommit::tokens).sum(),
                shards.stream().mapToDouble(ShardCommit::seconds).sum(),
                shards.stream().mapToDouble(ShardCommit::engineSeconds).sum());
        return RowFactory.create(Stream.concat(names.stream(), figures).toArray());
    }
}

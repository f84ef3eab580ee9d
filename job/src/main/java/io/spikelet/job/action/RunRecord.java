package io.spikelet.job.action;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.spikelet.engine.model.ModelManifest;
import io.spikelet.engine.telemetry.KernelChoice;
import io.spikelet.job.schema.Tables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/** The one row of the runs table: what ran, on what, with which result. */
final class RunRecord {
    private static final ObjectMapper JSON = new ObjectMapper();

    private RunRecord() {}

    /**
     * Writes the table.
     *
     * @param settings the settings of the command, after all defaults, by option name
     */
    static void write(Run run, Map<String, Object> settings, RunTotals totals) {
        Row row = row(run, settings, totals, Instant.now());
        run.spark()
                .createDataFrame(List.of(row), Tables.RUNS_COLUMNS)
                .coalesce(1)
                .write()
                .parquet(run.output().table(Tables.RUNS));
    }

    private static Row row(Run run, Map<String, Object> settings, RunTotals totals, Instant finishedAt) {
        ModelManifest manifest = run.model().manifest();
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("run_id", run.id());
        values.put("command", run.request().command());
        values.put("configuration", json(configuration(run, settings)));
        values.put("model", run.model().handle().uri().toString());
        values.put("model_variant", manifest.config().variant().label());
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
        return RowFactory.create(
                Stream.of(Tables.RUNS_COLUMNS.fieldNames()).map(values::get).toArray());
    }

    private static void putEnvironment(Map<String, Object> values, Run run) {
        values.put(
                "spikelet_version",
                Optional.ofNullable(RunRecord.class.getPackage().getImplementationVersion())
                        .orElse("(not from a jar)"));
        values.put("spark_version", run.spark().version());
        values.put("java_version", Runtime.version().toString());
        values.put("jvm", System.getProperty("java.vm.vendor") + " " + System.getProperty("java.vm.name"));
        values.put(
                "operating_system",
                System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                        + System.getProperty("os.arch"));
        values.put("cpu", cpu());
        values.put("cores", run.spark().sparkContext().defaultParallelism());
        values.put("kernels", KernelChoice.description());
        values.put("master", run.spark().sparkContext().master());
        values.put("partitions", run.partitions());
    }

    private static Map<String, Object> configuration(Run run, Map<String, Object> settings) {
        Map<String, Object> configuration = new LinkedHashMap<>();
        configuration.put("model", run.request().model().toString());
        configuration.put("input", run.request().input().path());
        run.request().input().format().ifPresent(format -> configuration.put("format", format.label()));
        configuration.put("text-column", run.request().input().textColumn());
        run.request().input().idColumn().ifPresent(id -> configuration.put("id-column", id));
        configuration.put("drop-columns", run.request().input().droppedColumns());
        run.request().input().limit().ifPresent(limit -> configuration.put("limit", limit));
        configuration.put("output", run.output().target());
        configuration.put("partitions", run.partitions());
        configuration.putAll(settings);
        return configuration;
    }

    private static String json(Map<String, Object> configuration) {
        try {
            return JSON.writeValueAsString(configuration);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("settings are plain values", e);
        }
    }

    /** Linux names its CPU in a file; elsewhere the architecture has to do. */
    private static String cpu() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse(System.getProperty("os.arch"));
        } catch (IOException e) {
            return System.getProperty("os.arch");
        }
    }
}

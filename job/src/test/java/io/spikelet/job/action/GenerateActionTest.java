package io.spikelet.job.action;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.spikelet.engine.decode.LogprobDetail;
import io.spikelet.engine.telemetry.KernelChoice;
import io.spikelet.job.SparkTest;
import io.spikelet.job.UsageException;
import io.spikelet.job.executor.ModelLocation;
import io.spikelet.job.plan.InputSpec;
import io.spikelet.job.plan.RequestSpec;
import io.spikelet.job.schema.Tables;
import io.spikelet.job.task.RowLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

final class GenerateActionTest extends SparkTest {
    private static final GenerationOptions OPTIONS =
            GenerationOptions.defaults(11, 3).withMaxNewTokens(6);

    @Test
    void completesGoodRowsAndKeepsBadOnesAsErrors() {
        Path input = write("prompts.jsonl", oneInThreeBad());
        Path output = folder.resolve("out");

        RunResult result = run(input, output, 2);

        assertThat(result.rows()).isEqualTo(12);
        assertThat(result.errors())
                .containsExactly(
                        Map.entry("empty_input", 1L),
                        Map.entry("malformed_row", 1L),
                        Map.entry("null_input", 1L),
                        Map.entry("too_long", 1L));
        List<Row> rows = rows(
                table(output, "completions"),
                "row_id",
                "prompt",
                "completion",
                "completion_token_ids",
                "finish_reason",
                "error_class",
                "mood");
        assertThat(rows).hasSize(12);
        for (Row row : rows) {
            if (row.isNullAt(5)) {
                assertThat(row.getString(1)).isEqualTo("And the LORD said unto " + row.getString(0));
                assertThat(row.getString(2)).isNotBlank();
                assertThat(row.getList(3)).hasSizeBetween(1, 6);
                assertThat(row.getString(4)).isIn("stop", "length");
                assertThat(row.getLong(6))
                        .isEqualTo(Long.parseLong(row.getString(0).substring(1)));
            } else {
                assertThat(row.getString(2)).isNull();
                assertThat(row.getString(4)).isEqualTo("error");
            }
        }
    }

    @Test
    void aRowsBitsDoNotDependOnThePartitions() {
        Path input = write("prompts.jsonl", oneInThreeBad());
        String[] stable = Stream.of(Tables.COMPLETIONS_COLUMNS.fieldNames())
                .filter(name -> !name.equals("run_id") && !name.endsWith("_millis") && !name.equals("row_id"))
                .toArray(String[]::new);
        String[] columns = Stream.concat(Stream.of("row_id"), Stream.of(stable)).toArray(String[]::new);
        List<List<Row>> tables = new ArrayList<>();
        for (int partitions : new int[] {1, 2, 7}) {
            Path output = folder.resolve("out" + partitions);
            run(input, output, partitions);
            tables.add(rows(table(output, "completions"), columns));
        }

        assertThat(tables.get(0)).hasSize(12).isEqualTo(tables.get(1)).isEqualTo(tables.get(2));
    }

    @Test
    void theRunRecordHoldsConfigurationHashesAndTotals() throws IOException {
        Path input = write("prompts.jsonl", oneInThreeBad());
        Path output = folder.resolve("out");
        RunResult result = run(input, output, 2);

        Row record = table(output, "runs").head();

        assertThat(record.<String>getAs("run_id")).isEqualTo(result.runId());
        assertThat(record.<String>getAs("command")).isEqualTo("generate");
        assertThat(record.<Long>getAs("rows")).isEqualTo(12);
        assertThat(record.<Long>getAs("failed_rows")).isEqualTo(4);
        assertThat(record.<Long>getAs("completion_tokens"))
                .isEqualTo(table(output, "completions")
                        .selectExpr("sum(completion_tokens)")
                        .head()
                        .getLong(0));
        assertThat(record.<String>getAs("manifest_sha256")).matches("[0-9a-f]{64}");
        assertThat(record.<String>getAs("tokenizer_sha256")).matches("[0-9a-f]{64}");
        assertThat(record.<String>getAs("kernels")).isNotBlank();
        JsonNode configuration = new ObjectMapper().readTree(record.<String>getAs("configuration"));
        assertThat(table(output, "shards")
                        .where("predicted_tokens > 0 AND tokens > 0 AND rows > 0 AND attempt = 1"
                                + " AND seconds >= engine_seconds AND engine_seconds > 0")
                        .count())
                .as("shards with their cost as predicted and as it came")
                .isEqualTo(2);
        assertThat(record.<Double>getAs("straggler_ratio")).isGreaterThanOrEqualTo(1);
        assertThat(table(output, "runs")
                        .selectExpr("explode(executors) AS e")
                        .where(
                                "e.cpu <> '' AND e.jvm <> '' AND e.java_version <> '' AND e.kernels <> '' AND e.host <> ''"
                                        + " AND e.shards = 2 AND e.rows = 12 AND e.tokens > 0"
                                        + " AND e.seconds >= e.engine_seconds")
                        .count())
                .isEqualTo(1);
        assertThat(configuration.get("max-new-tokens").asInt()).isEqualTo(6);
        assertThat(configuration.get("seed").asLong()).isEqualTo(11);
        assertThat(configuration.get("sampler").asText()).isEqualTo("0.8b");
        assertThat(configuration.get("input").asText()).isEqualTo(input.toString());
    }

    @Test
    void anExistingOutputIsRefusedAndLeftAlone() throws IOException {
        Path input = write("prompts.jsonl", "{\"prompt\": \"And\"}");
        Path output = Files.createDirectory(folder.resolve("out"));
        Files.writeString(output.resolve("mine.txt"), "keep");

        assertThatThrownBy(() -> run(input, output, 1))
                .isInstanceOf(UsageException.class)
                .hasMessageContainingAll(output.toString(), "exists");
        assertThat(output.resolve("mine.txt")).hasContent("keep");
    }

    @Test
    void aColumnNamedLikeOneOfTheTableIsRefusedBeforeWorkAndLeavesNothing() throws IOException {
        Path input = write("in/prompts.jsonl", "{\"prompt\": \"And\", \"Completion\": \"mine\"}");
        Path output = folder.resolve("out");

        assertThatThrownBy(() -> run(input, output, 1))
                .isInstanceOf(UsageException.class)
                .hasMessageContainingAll("Completion", "--drop-columns");
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).containsExactly(folder.resolve("in"));
        }
    }

    @Test
    void aDirectoryThatIsNoModelIsRefused() {
        Path input = write("prompts.jsonl", "{\"prompt\": \"And\"}");
        RunArguments request = new RunArguments(
                "generate",
                ModelLocation.of(folder),
                spec(input),
                folder.resolve("out").toString(),
                OptionalInt.empty(),
                ResumePolicy.NEW,
                RowLimits.NONE,
                line -> {});

        assertThatThrownBy(() -> new JobRunner(request, new GenerateJob(OPTIONS)).check())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not a model directory");
    }

    @Test
    void shortWorkDoesNotWaitForVectorKernelsToBeCompiled() {
        Path input = write(
                "prompts.jsonl",
                IntStream.range(0, 12)
                        .mapToObj(i -> "{\"id\": \"p" + i + "\", \"prompt\": \"And the LORD said\"}")
                        .toArray(String[]::new));

        assertThat(kernels(input, 8)).isEqualTo(KernelChoice.explanation(true));
        assertThat(kernels(input, 230)).isEqualTo(KernelChoice.explanation());
    }

    /** Those of a run of completions that may be long and are not. */
    private String kernels(Path input, int maxNewTokens) {
        Path output = folder.resolve("out" + maxNewTokens);
        run(
                input,
                output,
                2,
                new GenerationOptions(
                        Optional.empty(),
                        params -> params.maxNewTokens(maxNewTokens).stopStrings(List.of(" ", "e")),
                        LogprobDetail.NONE,
                        11,
                        3,
                        true));
        assertThat(table(output, "runs").head().<String>getAs("kernels"))
                .isEqualTo(table(output, "runs")
                        .selectExpr("executors[0].kernels")
                        .head()
                        .getString(0));
        return table(output, "runs").head().getAs("kernels");
    }

    private RunResult run(Path input, Path output, int partitions) {
        return run(input, output, partitions, OPTIONS);
    }

    private static RunResult run(Path input, Path output, int partitions, GenerationOptions options) {
        RunArguments request = new RunArguments(
                "generate",
                ModelLocation.of(model()),
                spec(input),
                output.toString(),
                OptionalInt.of(partitions),
                ResumePolicy.NEW,
                RowLimits.NONE,
                line -> {});
        return new JobRunner(request, new GenerateJob(options)).check().execute(spark);
    }

    private static InputSpec spec(Path input) {
        return new InputSpec(
                input.toString(),
                Optional.empty(),
                "prompt",
                Optional.empty(),
                List.of(),
                OptionalLong.empty(),
                RequestSpec.NONE);
    }

    /** Twelve rows; the ids of the good ones end in their mood. */
    private static String[] oneInThreeBad() {
        String[] bad = {
            "{\"id\": \"x0\", \"prompt\": null}",
            "{\"id\": \"x1\", \"prompt\": \"\"}",
            "{\"id\": \"x2\", \"prompt\": \"" + "whale ".repeat(400) + "\"}",
            "{\"id\": \"x3\", \"prompt\": \"unterminated",
        };
        String[] lines = new String[12];
        for (int i = 0; i < lines.length; i++) {
            lines[i] = i % 3 == 2
                    ? bad[i / 3]
                    : "{\"id\": \"p" + i + "\", \"prompt\": \"And the LORD said unto p" + i + "\", \"mood\": " + i
                            + "}";
        }
        return lines;
    }
}

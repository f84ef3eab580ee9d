package io.spikelet.job.action;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.spikelet.job.RunFailedException;
import io.spikelet.job.SparkTest;
import io.spikelet.job.UsageException;
import io.spikelet.job.executor.ModelLocation;
import io.spikelet.job.plan.InputSpec;
import io.spikelet.job.plan.OutputDirectory;
import io.spikelet.job.plan.RequestSpec;
import io.spikelet.job.plan.RunState;
import io.spikelet.job.plan.ShardCommit;
import io.spikelet.job.task.RowLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

final class ResumeTest extends SparkTest {
    private static final RowLimits NO_TIME = new RowLimits(Integer.MAX_VALUE, 1e-9);

    @Test
    void onlyNewAndChangedRowsAreDoneAndTheResultIsThatOfOneRun() throws IOException {
        Path input = write("prompts.jsonl", prompts(0, 9));
        Path output = folder.resolve("out");
        RunResult first = run(input, output, ResumePolicy.RESUME, RowLimits.NONE, 11);
        String[] changed = prompts(1, 13); // row 0 is gone
        changed[2] = changed[2].replace("unto", "of");
        write("prompts.jsonl", changed);

        RunResult second = run(input, output, ResumePolicy.RESUME, RowLimits.NONE, 11);
        RunResult fresh = run(input, folder.resolve("fresh"), ResumePolicy.NEW, RowLimits.NONE, 11);

        assertThat(second.rows()).isEqualTo(12);
        assertThat(second.digest()).isEqualTo(fresh.digest()).isNotEqualTo(first.digest());
        assertThat(rows(table(output, "completions").where("run_id = '" + second.runId() + "'"), "row_id"))
                .extracting(row -> row.getString(0))
                .containsExactly("p10", "p11", "p12", "p3", "p9");
        assertThat(rows(table(output, "runs"), "rows", "run_id"))
                .extracting(row -> row.getString(1))
                .containsExactly(first.runId(), second.runId());
        assertThat(parquetFiles(output.resolve("completions"))).hasSize(1);
        assertThat(Files.list(folder).map(Path::getFileName).map(Path::toString))
                .containsExactlyInAnyOrder("prompts.jsonl", "out", "fresh");
    }

    @Test
    void anOutputThatWasPublishedBeforeThereWereMarksIsResumed() throws IOException {
        Path output = folder.resolve("out");
        RunResult first = run(write("prompts.jsonl", prompts(0, 3)), output, ResumePolicy.NEW, RowLimits.NONE, 11);
        Files.delete(output.resolve("_spikelet.json"));

        RunResult second = run(write("prompts.jsonl", prompts(0, 5)), output, ResumePolicy.RESUME, RowLimits.NONE, 11);

        assertThat(second.rows()).isEqualTo(5);
        assertThat(table(output, "completions")
                        .where("run_id = '" + first.runId() + "'")
                        .count())
                .isEqualTo(3);
        Files.delete(output.resolve("_spikelet.json"));
        for (Path runs : parquetFiles(output.resolve("runs"))) {
            Files.delete(runs);
        }
        assertThatThrownBy(() -> run(folder.resolve("prompts.jsonl"), output, ResumePolicy.RESUME, RowLimits.NONE, 11))
                .isInstanceOf(UsageException.class)
                .hasMessageContainingAll("is not the output of a run", "table runs", "name another --output");
    }

    @Test
    void aResumeThatTakesNothingOverIsRefused() {
        Path output = folder.resolve("out");
        RunResult first = run(write("prompts.jsonl", prompts(0, 3)), output, ResumePolicy.NEW, RowLimits.NONE, 11);

        assertThatThrownBy(() ->
                        run(write("prompts.jsonl", prompts(10, 13)), output, ResumePolicy.RESUME, RowLimits.NONE, 11))
                .isInstanceOf(UsageException.class)
                .hasMessageContainingAll(
                        "no row of --input", "is among the finished rows", "is it the right input", "another --output");
        assertThat(rows(table(output, "completions"), "run_id"))
                .hasSize(3)
                .allMatch(row -> row.getString(0).equals(first.runId()));
        assertThat(folder.resolve(".out.unfinished")).doesNotExist();
    }

    @Test
    void aFinishedOutputWithNothingToDoIsNotTouched() throws IOException {
        Path input = write("prompts.jsonl", prompts(0, 3));
        Path output = folder.resolve("out");
        RunResult first = run(input, output, ResumePolicy.NEW, RowLimits.NONE, 11);
        List<Path> files = parquetFiles(output.resolve("completions"));

        RunResult second = run(input, output, ResumePolicy.RESUME, RowLimits.NONE, 11);

        assertThat(second.digest()).isEqualTo(first.digest());
        assertThat(parquetFiles(output.resolve("completions"))).isEqualTo(files);
        assertThat(table(output, "runs").count()).isEqualTo(1);
    }

    @Test
    void aFinishedFileThatIsDamagedIsNamedAndNoResumeIsAdvised() throws IOException {
        Path input = write("prompts.jsonl", prompts(0, 3));
        Path output = folder.resolve("a b%20c"); // whose name Spark writes otherwise
        run(input, output, ResumePolicy.NEW, RowLimits.NONE, 11);
        Path rows = parquetFiles(output.resolve("completions")).getFirst();
        byte[] whole = Files.readAllBytes(rows);
        write("prompts.jsonl", prompts(0, 5));
        for (byte[] damaged : new byte[][] {Arrays.copyOf(whole, whole.length / 2), Arrays.copyOf(whole, 10)}) {
            for (int attempt = 1; attempt <= 2; attempt++) {
                Files.write(rows, damaged);

                assertThatThrownBy(() -> run(input, output, ResumePolicy.RESUME, RowLimits.NONE, 11))
                        .isInstanceOf(RunFailedException.class)
                        .hasMessageContainingAll(
                                rows.getFileName().toString(),
                                "that file of the finished output is damaged: put it back from a copy")
                        .hasMessageNotContaining("run the same command");
            }
        }

        Files.write(rows, whole);
        RunResult resumed = run(input, output, ResumePolicy.RESUME, RowLimits.NONE, 11);
        assertThat(resumed.rows()).isEqualTo(5);
        Files.delete(parquetFiles(output.resolve("completions")).getFirst());
        assertThatThrownBy(() -> run(input, output, ResumePolicy.RESUME, RowLimits.NONE, 11))
                .isInstanceOf(UsageException.class)
                .hasMessageContainingAll("no row of --input", "name another --output")
                .hasMessageNotContaining("run the same command");
    }

    @Test
    void rowsThatFailedAreDoneAgainWhenAskedFor() {
        String[] lines = prompts(0, 5);
        lines[4] = "{\"id\": \"p4\", \"prompt\": null}";
        Path input = write("prompts.jsonl", lines);
        Path output = folder.resolve("out");
        RunResult timedOut = run(input, output, ResumePolicy.NEW, NO_TIME, 11);
        RunResult resumed = run(input, output, ResumePolicy.RESUME, RowLimits.NONE, 11);

        RunResult retried = run(input, output, ResumePolicy.RETRY_FAILED, RowLimits.NONE, 11);
        RunResult fresh = run(input, folder.resolve("fresh"), ResumePolicy.NEW, RowLimits.NONE, 11);

        assertThat(timedOut.errors()).containsExactly(Map.entry("null_input", 1L), Map.entry("timeout", 4L));
        assertThat(resumed.digest()).isEqualTo(timedOut.digest());
        assertThat(retried.errors()).containsExactly(Map.entry("null_input", 1L));
        assertThat(retried.digest()).isEqualTo(fresh.digest());
    }

    @Test
    void aChangedFingerprintIsRefusedWithTheDifference() throws IOException {
        Path input = write("prompts.jsonl", prompts(0, 2));
        Path output = folder.resolve("out");
        run(input, output, ResumePolicy.NEW, RowLimits.NONE, 11);

        assertThatThrownBy(() -> run(input, output, ResumePolicy.RESUME, new RowLimits(50, 9), 12))
                .isInstanceOf(UsageException.class)
                .hasMessageContainingAll("done differently", "seed: 11 → 12", "max-prompt-tokens: none → 50")
                .hasMessageNotContainingAny("sampler", "timeout");
        assertThat(Files.list(folder).map(Path::getFileName).map(Path::toString))
                .containsExactlyInAnyOrder("prompts.jsonl", "out");
    }

    @Test
    void anOutputThatIsPutBackBesideUnfinishedWorkOfOtherSettingsIsRefused() throws IOException {
        Path input = write("prompts.jsonl", prompts(0, 3));
        Path output = folder.resolve("out");
        run(input, output, ResumePolicy.NEW, RowLimits.NONE, 11);
        Path kept = Files.move(output, folder.resolve("kept"));
        run(input, output, ResumePolicy.NEW, RowLimits.NONE, 7);
        Map<String, String> fingerprint = new ObjectMapper()
                .readValue(
                        table(output, "runs").head().<String>getAs("fingerprint"),
                        new TypeReference<Map<String, String>>() {});
        FileUtils.deleteDirectory(output.toFile());
        try (OutputDirectory unfinished = OutputDirectory.reserve(
                output.toString(), List.of(), false, spark.sparkContext().hadoopConfiguration())) {
            unfinished.begin(RunState.fresh("run-of-seed-7", 1).with(fingerprint));
            unfinished
                    .ledger()
                    .append(List.of(new ShardCommit(
                            null, 1, 0, 1, 1, 1, 1, 1, 1, "driver", "localhost", "25", "jvm", "cpu", "scalar")));
        }
        Files.move(kept, output);

        assertThatThrownBy(() -> run(input, output, ResumePolicy.RESUME, RowLimits.NONE, 7))
                .isInstanceOf(UsageException.class)
                .hasMessageContainingAll(
                        "were done differently", "seed: 7 → 11", "move one of them", ".out.unfinished");
    }

    @Test
    void aPromptWithTooManyTokensIsAnErrorThatSaysSo() {
        Path input = write("prompts.jsonl", prompts(0, 2));
        Path output = folder.resolve("out");

        RunResult result = run(input, output, ResumePolicy.NEW, new RowLimits(2, 60), 11);

        assertThat(result.errors()).containsExactly(Map.entry("too_long", 2L));
        Row row = table(output, "completions").head();
        assertThat(row.<String>getAs("error_message")).contains("--max-prompt-tokens allows 2");
    }

    @Test
    void theJobGroupOfACallerStaysAsItIs() {
        spark.sparkContext().setJobGroup("mine", "a caller's own", false);
        try {
            run(write("prompts.jsonl", prompts(0, 2)), folder.resolve("out"), ResumePolicy.NEW, RowLimits.NONE, 11);

            assertThat(spark.sparkContext().getLocalProperty("spark.jobGroup.id"))
                    .isEqualTo("mine");
            assertThat(spark.sparkContext().getLocalProperty("spark.job.description"))
                    .isEqualTo("a caller's own");
        } finally {
            spark.sparkContext().clearJobGroup();
        }
    }

    private static RunResult run(Path input, Path output, ResumePolicy durability, RowLimits limits, long seed) {
        RunArguments request = new RunArguments(
                "generate",
                ModelLocation.of(model()),
                new InputSpec(
                        input.toString(),
                        Optional.empty(),
                        "prompt",
                        Optional.empty(),
                        List.of(),
                        OptionalLong.empty(),
                        RequestSpec.NONE),
                output.toString(),
                OptionalInt.of(2),
                durability,
                limits,
                line -> {});
        GenerationOptions options = GenerationOptions.defaults(seed, 3).withMaxNewTokens(4);
        return new JobRunner(request, new GenerateJob(options)).check().execute(spark);
    }

    private static String[] prompts(int from, int to) {
        return IntStream.range(from, to)
                .mapToObj(i -> "{\"id\": \"p" + i + "\", \"prompt\": \"And the LORD said unto p" + i + "\"}")
                .toArray(String[]::new);
    }

    private static List<Path> parquetFiles(Path table) throws IOException {
        try (Stream<Path> files = Files.list(table)) {
            return files.filter(file -> file.toString().endsWith(".parquet"))
                    .sorted()
                    .toList();
        }
    }
}

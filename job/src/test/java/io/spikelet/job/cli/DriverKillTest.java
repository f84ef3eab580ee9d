package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.job.SparkTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Drivers that die in the middle of a job. */
@Tag("cluster")
@Timeout(value = 15, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class DriverKillTest extends SparkTest {
    private static final int ROWS = 120;
    private static final int SLICE_ROWS = 12;

    private static String digestOfAWholeRun;

    private DriverProcesses drivers;
    private Path input;
    private Path output;

    @BeforeEach
    void writeInput() {
        input = write(
                "prompts.jsonl",
                IntStream.range(0, ROWS)
                        .mapToObj(i -> i % 10 == 9
                                ? bad(i / 10)
                                : "{\"id\": \"p" + i + "\", \"prompt\": \"And the LORD said unto p" + i + "\"}")
                        .toArray(String[]::new));
        output = folder.resolve("out");
        drivers = new DriverProcesses(projectRoot(), folder);
    }

    @AfterEach
    void endWhatStillRuns() {
        drivers.close();
    }

    @Test
    void aKilledDriverCostsAtMostOneSlice() throws Exception {
        Process killed = drivers.start("killed", generate(output));
        drivers.await("killed", killed, () -> DriverProcesses.committedSlices(output) >= 2);
        killed.destroyForcibly().waitFor();
        int kept = DriverProcesses.committedSlices(output);
        assertThat(kept).isLessThan(ROWS / SLICE_ROWS);
        assertThat(DriverProcesses.begunSlices(output) - kept)
                .as("slices that are lost")
                .isBetween(0, 1);
        assertThat(output).doesNotExist();

        assertThat(drivers.run("refused", generate(output))).isEqualTo(ExitStatus.BAD_INPUT);
        assertThat(drivers.said("refused")).contains("unfinished work", "--resume");
        assertThat(drivers.run("differs", generate(output, "--resume", "--seed", "5")))
                .isEqualTo(ExitStatus.BAD_INPUT);
        assertThat(drivers.said("differs")).contains("seed: 0 → 5");
        assertThat(DriverProcesses.committedSlices(output)).isEqualTo(kept);

        assertFinishesLikeAWholeRun(kept);
    }

    @Test
    void anInterruptedDriverSaysHowToGoOnAndNothingElse() throws Exception {
        Process interrupted = drivers.start("interrupted", generate(output));
        drivers.await("interrupted", interrupted, () -> DriverProcesses.committedSlices(output) >= 1);
        interrupted.destroy(); // SIGTERM ends a JVM as SIGINT does
        assertThat(drivers.end("interrupted", interrupted)).isNotZero();

        List<String> lines = drivers.said("interrupted").lines().toList();
        assertThat(lines.getLast())
                .startsWith("generate: interrupted; ")
                .endsWith(" finished rows are kept: run the same command with --resume");
        assertThat(lines).noneMatch(line -> line.contains("Exception") || line.startsWith("\tat "));
        assertThat(folder.resolve(".out.lock")).doesNotExist();

        assertFinishesLikeAWholeRun(DriverProcesses.committedSlices(output));
    }

    /** @param kept slices that the first attempt has committed */
    private void assertFinishesLikeAWholeRun(int kept) throws Exception {
        assertThat(drivers.run("resumed", generate(output, "--resume", "--partitions", "3", "--batch-size", "2")))
                .as(drivers.said("resumed"))
                .isEqualTo(ExitStatus.DONE);

        assertThat(drivers.digest("resumed")).isEqualTo(digestOfAWholeRun());
        Row run = table(output, "runs")
                .selectExpr(
                        "attempts",
                        "rows",
                        "aggregate(partition_costs.rows, 0L, (a, b) -> a + b)",
                        "size(array_distinct(filter(partition_costs, p -> p.attempt = 1).slice))",
                        "size(executors)")
                .head();
        assertThat(run.getInt(0)).isEqualTo(2);
        assertThat(run.getLong(1)).isEqualTo(ROWS);
        assertThat(run.getLong(2)).as("rows of all committed slices").isEqualTo(ROWS);
        assertThat(run.getInt(3))
                .as("slices of the first attempt, none of them done again")
                .isEqualTo(kept);
        assertThat(run.getInt(4)).isPositive();
        assertThat(table(output, "completions").select("row_id").distinct().count())
                .isEqualTo(ROWS);
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left.map(file -> file.getFileName().toString())).noneMatch(name -> name.startsWith("."));
        }
    }

    private String digestOfAWholeRun() throws IOException, InterruptedException {
        if (digestOfAWholeRun == null) {
            assertThat(drivers.run("whole", generate(folder.resolve("whole")))).isEqualTo(ExitStatus.DONE);
            digestOfAWholeRun = drivers.digest("whole");
        }
        return digestOfAWholeRun;
    }

    private List<String> generate(Path target, String... more) {
        List<String> arguments = new ArrayList<>(List.of("generate", "--model", model().toString()));
        arguments.addAll(List.of("--input", input.toString(), "--output", target.toString()));
        arguments.addAll(List.of("--max-new-tokens", "12", "--slice-rows", Integer.toString(SLICE_ROWS)));
        arguments.addAll(List.of(more));
        return arguments;
    }

    /** Every kind of row that cannot be done. */
    private static String bad(int kind) {
        return switch (kind % 5) {
            case 0 -> "{\"id\": \"null" + kind + "\", \"prompt\": null}";
            case 1 -> "{\"id\": \"empty" + kind + "\", \"prompt\": \"\"}";
            case 2 -> "{\"id\": \"long" + kind + "\", \"prompt\": \"" + "whale ".repeat(400) + "\"}";
            case 3 -> "{\"id\": \"cut" + kind + "\", \"prompt\": \"unterminated";
            default -> "{\"id\": \"surrogate" + kind + "\", \"prompt\": \"\\ud83d\"}";
        };
    }
}

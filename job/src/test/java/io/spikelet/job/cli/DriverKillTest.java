package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.job.SparkTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Drivers that are processes of their own, and die in the middle of a job. */
@Tag("cluster")
final class DriverKillTest extends SparkTest {
    private static final int ROWS = 120;
    private static final int SLICE_ROWS = 12;
    private static final long PATIENCE_MINUTES = 4;
    private static final Pattern DIGEST = Pattern.compile("digest of the results ([0-9a-f]{32})");

    private final List<Process> started = new ArrayList<>();
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
    }

    @AfterEach
    void endWhatStillRuns() {
        started.forEach(Process::destroyForcibly);
    }

    @Test
    void aKilledDriverCostsAtMostOneSlice() throws Exception {
        Process killed = start("killed", output);
        awaitSlices(killed, 2);
        killed.destroyForcibly().waitFor();
        int kept = slices();
        assertThat(kept).isBetween(2, ROWS / SLICE_ROWS);
        assertThat(output).doesNotExist();

        Process refused = start("refused", output);
        assertThat(refused.waitFor()).as(said("refused")).isEqualTo(ExitStatus.BAD_INPUT);
        assertThat(said("refused")).contains("unfinished work", "--resume");
        assertThat(slices()).isEqualTo(kept);

        Process differs = start("differs", output, "--resume", "--seed", "5");
        assertThat(differs.waitFor()).as(said("differs")).isEqualTo(ExitStatus.BAD_INPUT);
        assertThat(said("differs")).contains("seed: 0 → 5");

        assertFinishesLikeAnUninterruptedRun();
    }

    @Test
    void anInterruptedDriverSaysHowToGoOn() throws Exception {
        Process interrupted = start("interrupted", output);
        awaitSlices(interrupted, 1);
        interrupted.destroy(); // SIGTERM ends a JVM as SIGINT does

        assertThat(interrupted.waitFor()).isNotZero();
        assertThat(said("interrupted")).contains("interrupted; ", "finished rows are kept", "--resume");
        assertFinishesLikeAnUninterruptedRun();
    }

    private void assertFinishesLikeAnUninterruptedRun() throws Exception {
        Process resumed = start("resumed", output, "--resume", "--partitions", "3", "--batch-size", "2");
        assertThat(resumed.waitFor()).as(said("resumed")).isEqualTo(ExitStatus.DONE);
        Process whole = start("whole", folder.resolve("whole"));
        assertThat(whole.waitFor()).as(said("whole")).isEqualTo(ExitStatus.DONE);

        assertThat(digest("resumed")).isEqualTo(digest("whole"));
        Row run = table(output, "runs")
                .selectExpr(
                        "attempts", "aggregate(partition_costs.rows, 0L, (a, b) -> a + b)", "rows", "size(executors)")
                .head();
        assertThat(run.getInt(0)).isEqualTo(2);
        assertThat(run.getLong(1)).as("rows of all committed slices").isEqualTo(ROWS);
        assertThat(run.getLong(2)).isEqualTo(ROWS);
        assertThat(run.getInt(3)).isPositive();
        assertThat(table(output, "completions").select("row_id").distinct().count())
                .isEqualTo(ROWS);
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left.map(file -> file.getFileName().toString())).noneMatch(name -> name.startsWith("."));
        }
    }

    private Process start(String name, Path target, String... more) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + projectRoot().resolve("scripts/jvm.args"),
                "-Xmx1g",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                "io.spikelet.job.cli.Spikelet",
                "generate",
                "--master",
                "local[2]",
                "--model",
                model().toString(),
                "--input",
                input.toString(),
                "--output",
                target.toString(),
                "--max-new-tokens",
                "12",
                "--slice-rows",
                Integer.toString(SLICE_ROWS)));
        command.addAll(List.of(more));
        ProcessBuilder process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve(name + ".log").toFile());
        process.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
        started.add(process.start());
        return started.getLast();
    }

    private void awaitSlices(Process driver, int wanted) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(PATIENCE_MINUTES);
        while (slices() < wanted && System.nanoTime() < deadline) {
            if (driver.waitFor(20, TimeUnit.MILLISECONDS)) {
                throw new AssertionError("the driver ended by itself: " + driver.info());
            }
        }
        assertThat(slices()).isGreaterThanOrEqualTo(wanted);
    }

    private int slices() throws IOException {
        Path entries = folder.resolve(".out.unfinished/ledger/entries");
        if (!Files.isDirectory(entries)) {
            return 0;
        }
        try (Stream<Path> files = Files.list(entries)) {
            return (int) files.filter(file -> file.getFileName().toString().matches("\\d+\\.json"))
                    .count();
        }
    }

    private String said(String name) throws IOException {
        return Files.readString(folder.resolve(name + ".log"));
    }

    private String digest(String name) throws IOException {
        Matcher matcher = DIGEST.matcher(said(name));
        assertThat(matcher.find()).as(said(name)).isTrue();
        return matcher.group(1);
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

package io.spikelet.job.cli;

import static org.apache.spark.sql.functions.sum;
import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.job.SparkTest;
import io.spikelet.job.plan.ShardCommit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
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
    private static final int NOTE = 10_000; // few rows, in as many bytes as need files
    private static final int SHARDS = 60;
    private static final int CORES = 2;
    private static final long SEED = 20_261_127;
    private static final int MOST_DELAY_MILLIS = 500;

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
                                : "{\"id\": \"p" + i + "\", \"prompt\": \"And the LORD said unto p" + i
                                        + "\", \"note\": \"" + "x".repeat(NOTE) + "\"}")
                        .toArray(String[]::new));
        output = folder.resolve("out");
        drivers = new DriverProcesses(projectRoot(), folder);
    }

    @AfterEach
    void endWhatStillRuns() {
        drivers.close();
    }

    @Test
    void aKilledDriverCostsWhatItsTasksHadNotCommitted() throws Exception {
        Process killed = start("killed", generate(output));
        drivers.await("killed", killed, () -> DriverProcesses.committed(output).size() >= SHARDS / 2);
        killed.destroyForcibly().waitFor();
        int kept = DriverProcesses.committed(output).size();
        long begun = DriverProcesses.begun(output, 1);
        assertThat(kept).isLessThan(SHARDS);
        assertThat(output).doesNotExist();

        assertThat(run("refused", generate(output))).isEqualTo(ExitStatus.BAD_INPUT);
        assertThat(drivers.said("refused")).contains("unfinished work", "--resume");
        assertThat(run("differs", generate(output, "--resume", "--seed", "5"))).isEqualTo(ExitStatus.BAD_INPUT);
        assertThat(drivers.said("differs")).contains("seed: 0 → 5");
        assertThat(DriverProcesses.committed(output)).hasSize(kept);

        assertFinishesLikeAWholeRun();
        long again = table(output, "shards")
                .where("attempt = 2")
                .agg(sum("rows"))
                .head()
                .getLong(0);
        double work = (double) (begun + again) / ROWS;
        System.out.printf(
                "killed after %d of %d shards: %d rows begun, %d rows when resumed, total work over one pass %.3f%n",
                kept, SHARDS, begun, again, work);
        assertThat(work).as("rows of both processes over those of the input").isBetween(1.0, 1.05);
    }

    @Test
    void aRunThatIsAskedToStopFinishesWhatItHasBegunAndSaysHowToGoOn() throws Exception {
        Process stopped = start("stopped", generate(output));
        drivers.await(
                "stopped", stopped, () -> !DriverProcesses.committed(output).isEmpty());
        stopped.destroy(); // SIGTERM asks a driver as SIGINT does
        assertThat(drivers.end("stopped", stopped)).as(drivers.said("stopped")).isEqualTo(ExitStatus.STOPPED);

        List<String> lines = drivers.said("stopped").lines().toList();
        assertThat(lines).anyMatch(line -> line.startsWith("generate: stopping after the rows in progress"));
        assertThat(lines.getLast())
                .startsWith("spikelet: stopped as asked; ")
                .endsWith(" finished rows are kept: run the same command with --resume");
        assertThat(lines).noneMatch(line -> line.contains("Exception") || line.startsWith("\tat "));
        assertThat(folder.resolve(".out.lock")).doesNotExist();
        assertThat(DriverProcesses.files(output))
                .as("files that are not committed")
                .isEqualTo((int) DriverProcesses.committed(output).stream()
                        .filter(commit -> commit.file() != null)
                        .count());

        assertFinishesLikeAWholeRun();
    }

    @Test
    void aStopWhileTablesArePutTogetherCostsNoRow() throws Exception {
        Path tables = DriverProcesses.unfinished(output).resolve("tables");
        Process stopped = start("publishing", generate(output));
        drivers.await("publishing", stopped, () -> Files.exists(tables));
        stopped.destroy();

        assertThat(drivers.end("publishing", stopped))
                .as(drivers.said("publishing"))
                .isEqualTo(ExitStatus.STOPPED);
        assertThat(drivers.said("publishing").lines().toList().getLast())
                .isEqualTo("spikelet: stopped as asked; " + ROWS
                        + " finished rows are kept: run the same command with --resume");
        assertThat(output).doesNotExist();
        assertFinishesLikeAWholeRun();
    }

    /** Each kill comes at a moment of its own after something has happened; each driver goes on where the last one ended. */
    @Test
    void tenKillsAtRandomMomentsOfARunCostNoRow() throws Exception {
        System.out.println("seed of the kills: " + SEED);
        Random random = new Random(SEED);
        Path unfinished = DriverProcesses.unfinished(output);
        List<BooleanSupplier> moments = new ArrayList<>(List.of(
                () -> Files.exists(folder.resolve(".out.lock")),
                () -> Files.exists(unfinished.resolve("input-0")),
                () -> Files.exists(unfinished.resolve("plan"))));
        for (int part = 1; part <= 5; part++) {
            int shards = part * SHARDS / 6;
            moments.add(() -> DriverProcesses.committed(output).size() >= shards);
        }
        moments.add(() -> Files.exists(unfinished.resolve("tables")) || Files.exists(output));
        moments.add(() -> Files.exists(unfinished.resolve("tables/runs")) || Files.exists(output));

        for (int kill = 0; kill < moments.size(); kill++) {
            String name = "kill-" + kill;
            Process driver = start(name, generate(output, "--resume"));
            drivers.await(name, driver, moments.get(kill));
            driver.waitFor(random.nextInt(MOST_DELAY_MILLIS), TimeUnit.MILLISECONDS);
            driver.destroyForcibly().waitFor();
        }

        assertThat(run("resumed", generate(output, "--resume")))
                .as(drivers.said("resumed"))
                .isEqualTo(ExitStatus.DONE);
        assertThat(drivers.digest("resumed")).isEqualTo(digestOfAWholeRun());
        assertThat(table(output, "completions").count()).isEqualTo(ROWS);
        assertNothingIsLeft();
    }

    /** A file that is damaged stays so, however often the run is resumed, until it is deleted as the message says. */
    @Test
    void aDamagedFileOfFinishedRowsIsNamedUntilItIsDeletedAndAMissingOneIsDoneAgain() throws Exception {
        Process killed = start("killed", generate(output));
        drivers.await("killed", killed, () -> DriverProcesses.committed(output).size() >= SHARDS / 2);
        killed.destroyForcibly().waitFor();
        Path rows = DriverProcesses.unfinished(output).resolve("ledger/rows");
        List<Path> files = DriverProcesses.committed(output).stream()
                .filter(commit -> commit.file() != null)
                .map(commit -> rows.resolve(commit.file()))
                .toList();
        Files.delete(files.get(0));
        Files.write(files.get(1), Arrays.copyOf(Files.readAllBytes(files.get(1)), 100));

        for (String attempt : List.of("second", "third")) {
            assertThat(run(attempt, generate(output, "--resume")))
                    .as(drivers.said(attempt))
                    .isEqualTo(ExitStatus.RUN_FAILED);
            assertThat(drivers.said(attempt).lines().toList().getLast())
                    .startsWith("spikelet: the run failed: ")
                    .contains(files.get(1).getFileName().toString())
                    .endsWith(
                            "; that file of finished rows is damaged: delete it and run the same command with --resume,"
                                    + " which does its rows again");
        }
        Files.delete(files.get(1));
        assertThat(run("resumed", generate(output, "--resume")))
                .as(drivers.said("resumed"))
                .isEqualTo(ExitStatus.DONE);
        assertThat(drivers.digest("resumed")).isEqualTo(digestOfAWholeRun());
        assertThat(drivers.said("second")).contains("1 files of finished rows are gone; their rows are done again");
        assertNothingIsLeft();
    }

    @Test
    void ofTwoRunsAtOneOutputOneIsDoneAndTheOtherIsTold() throws Exception {
        Process one = start("one", generate(output));
        Process other = start("other", generate(output));
        int status = drivers.end("one", one);
        boolean oneWon = status == ExitStatus.DONE;
        String winner = oneWon ? "one" : "other";
        String loser = oneWon ? "other" : "one";

        assertThat(List.of(status, drivers.end("other", other)))
                .as(drivers.said("one") + drivers.said("other"))
                .containsExactlyInAnyOrder(ExitStatus.DONE, ExitStatus.BAD_INPUT);
        assertThat(drivers.said(loser).lines().filter(line -> line.startsWith("spikelet: ")))
                .singleElement()
                .asString()
                .contains("--output " + output)
                .containsPattern(
                        "is being written by process [0-9]+|exists and is not overwritten|has unfinished work");
        assertThat(drivers.said(loser)).doesNotContain("\tat ");
        assertThat(drivers.digest(winner)).isEqualTo(digestOfAWholeRun());
        assertNothingIsLeft();
    }

    private void assertFinishesLikeAWholeRun() throws Exception {
        List<ShardCommit> kept = DriverProcesses.committed(output);
        long rows = kept.stream().mapToLong(ShardCommit::rows).sum();
        assertThat(run("resumed", generate(output, "--resume", "--batch-size", "2")))
                .as(drivers.said("resumed"))
                .isEqualTo(ExitStatus.DONE);

        assertThat(drivers.said("resumed"))
                .contains("generate: " + rows + " rows were finished earlier, 0 are done again, " + (ROWS - rows)
                        + " are new");
        assertThat(drivers.digest("resumed")).isEqualTo(digestOfAWholeRun());
        Row run = table(output, "runs")
                .selectExpr("attempts", "rows", "size(executors)")
                .head();
        assertThat(run.getInt(0)).isEqualTo(2);
        assertThat(run.getLong(1)).isEqualTo(ROWS);
        assertThat(run.getInt(2)).isPositive();
        assertThat(table(output, "shards").agg(sum("rows")).head().getLong(0))
                .as("rows of all shards")
                .isEqualTo(ROWS);
        assertThat(table(output, "shards").where("attempt = 1").count())
                .as("shards of the first attempt, none of them done again")
                .isEqualTo(kept.size());
        assertThat(table(output, "completions").select("row_id").distinct().count())
                .isEqualTo(ROWS);
        assertNothingIsLeft();
    }

    private void assertNothingIsLeft() throws IOException {
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left.map(file -> file.getFileName().toString())).noneMatch(name -> name.startsWith("."));
        }
    }

    private Process start(String name, List<String> arguments) {
        return drivers.startCommand(name, drivers.fast(arguments));
    }

    private int run(String name, List<String> arguments) throws InterruptedException {
        return drivers.end(name, start(name, arguments));
    }

    private String digestOfAWholeRun() throws IOException, InterruptedException {
        if (digestOfAWholeRun == null) {
            assertThat(run("whole", generate(folder.resolve("whole")))).isEqualTo(ExitStatus.DONE);
            digestOfAWholeRun = drivers.digest("whole");
        }
        return digestOfAWholeRun;
    }

    private List<String> generate(Path target, String... more) {
        List<String> arguments = new ArrayList<>(List.of("generate", "--model", model().toString()));
        arguments.addAll(List.of("--input", input.toString(), "--output", target.toString()));
        arguments.addAll(List.of("--max-new-tokens", "12", "--partitions", Integer.toString(SHARDS)));
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

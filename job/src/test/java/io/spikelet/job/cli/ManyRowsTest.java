package io.spikelet.job.cli;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.lit;
import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.job.SparkTest;
import io.spikelet.job.plan.ShardCommit;
import io.spikelet.job.schema.Tables;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
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
import org.junit.jupiter.api.Timeout;

/** More rows than a driver could hold. They have no text, so that all that is done with them is what a run does with any. */
@Tag("cluster")
@Timeout(value = 15, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ManyRowsTest extends SparkTest {
    private static final int ROWS = Integer.getInteger("spikelet.manyRows", 1_000_000);
    private static final int UNEQUAL_ROWS = 500;
    private static final int CORES = 2;
    private static final long SEED = 20_261_127;
    private static final int MOST_GROWTH_MEGABYTES = 48;
    private static final Pattern FULL_COLLECTION =
            Pattern.compile("Pause Full \\(Diagnostic Command\\) \\d+M->(\\d+)M");

    private DriverProcesses drivers;

    @BeforeEach
    void prepare() {
        drivers = new DriverProcesses(projectRoot(), folder);
    }

    @AfterEach
    void endWhatStillRuns() {
        drivers.close();
    }

    @Test
    void theDriversMemoryDoesNotGrowWithTheRowsAndFilesAreFew() throws Exception {
        Path input = folder.resolve("in");
        spark.range(ROWS)
                .select(concat(lit("{\"id\": \"p"), col("id"), lit("\", \"prompt\": null}")))
                .write()
                .text(input.toString());
        Path output = folder.resolve("out");
        List<String> arguments = new ArrayList<>(List.of("generate", "--model", model().toString()));
        arguments.addAll(List.of("--input", input.toString(), "--output", output.toString()));
        arguments.addAll(List.of("--format", "jsonl", "--max-errors", "100%"));
        Process job =
                drivers.startCommand("many", drivers.fast(arguments, "-Xlog:gc:file=" + folder.resolve("gc.log")));

        drivers.await("many", job, () -> rows(output) >= ROWS / 10);
        long early = liveMegabytes(job);
        drivers.await("many", job, () -> rows(output) >= ROWS);
        long late = liveMegabytes(job);
        int commits = DriverProcesses.committed(output).size();
        double cpu = job.info().totalCpuDuration().orElseThrow().toMillis();
        assertThat(drivers.end("many", job)).as(drivers.said("many")).isZero();

        assertThat(table(output, Tables.COMPLETIONS).select("row_id").distinct().count())
                .isEqualTo(ROWS);
        int files = parquetFiles(output.resolve(Tables.COMPLETIONS));
        assertThat(files).isLessThanOrEqualTo(Math.ceilDiv(ROWS, 100_000));
        assertThat(late)
                .as("megabytes that live in the driver, %d after a tenth of the rows", early)
                .isLessThanOrEqualTo(early + MOST_GROWTH_MEGABYTES);
        Row run = table(output, Tables.RUNS)
                .selectExpr("wall_seconds", "aggregate(executors.seconds, 0D, (a, b) -> a + b)")
                .head();
        System.out.printf(
                "%d rows: %.1f s, %.4f ms a row, until then %.4f ms of CPU; %d shards that took %.1f s, %.4f ms a row; %d files of the table; "
                        + "%d MB live in the driver after a tenth of the rows, %d MB after all%n",
                ROWS,
                run.getDouble(0),
                1e3 * run.getDouble(0) / ROWS,
                cpu / ROWS,
                commits,
                run.getDouble(1),
                1e3 * run.getDouble(1) / ROWS,
                files,
                early,
                late);
    }

    @Test
    void rowsOfVeryUnequalLengthKeepEveryCoreBusy() throws Exception {
        Random random = new Random(SEED);
        String[] lines = IntStream.range(0, UNEQUAL_ROWS)
                .mapToObj(i -> (int) Math.min(300, 1 / (1 - random.nextDouble())))
                .map(words -> "{\"text\": \"" + "And the LORD said unto him ".repeat(words) + random.nextLong() + "\"}")
                .toArray(String[]::new);
        Path input = write("unequal.jsonl", lines);
        Path output = folder.resolve("out");
        List<String> arguments = new ArrayList<>(List.of("perplexity", "--model", model().toString()));
        arguments.addAll(List.of("--input", input.toString(), "--output", output.toString(), "--bootstrap", "0"));

        Process job = drivers.startCommand("unequal", drivers.fast(arguments));
        assertThat(drivers.end("unequal", job)).as(drivers.said("unequal")).isZero();
        assertThat(drivers.said("unequal")).as("what concerns executors alone").doesNotContain(" INFO ");

        Row shards = table(output, Tables.SHARDS)
                .selectExpr(
                        "count(*)",
                        "max(predicted_tokens) / avg(predicted_tokens)",
                        "sum(seconds)",
                        "max(unix_micros(started_at) / 1e6 + seconds) - min(unix_micros(started_at) / 1e6)",
                        "sum(rows)")
                .head();
        assertThat(shards.getLong(0)).as("shards").isGreaterThanOrEqualTo(2 * CORES);
        assertThat(shards.getDouble(1))
                .as("the largest shard over the mean, as planned")
                .isLessThan(1.25);
        assertThat(shards.getLong(4)).isEqualTo(UNEQUAL_ROWS);
        assertThat(plannedShareOfBusyCores(output))
                .as("what the cores have to do over what they could, as planned")
                .isGreaterThanOrEqualTo(0.9);
        System.out.printf(
                "%d rows of 1 to 300 sentences in %d shards, the largest %.2f of the mean: busy %.3f of %d cores%n",
                UNEQUAL_ROWS,
                shards.getLong(0),
                shards.getDouble(1),
                shards.getDouble(2) / (CORES * shards.getDouble(3)),
                CORES);
    }

    /** If the shards took what is predicted, and a core that is free took the next. */
    private static double plannedShareOfBusyCores(Path output) {
        double[] ends = new double[CORES];
        double all = 0;
        for (Row shard : table(output, Tables.SHARDS)
                .orderBy("shard")
                .select("predicted_tokens")
                .collectAsList()) {
            Arrays.sort(ends);
            ends[0] += shard.getLong(0);
            all += shard.getLong(0);
        }
        return all / (CORES * Arrays.stream(ends).max().orElseThrow());
    }

    private static long rows(Path output) {
        return DriverProcesses.committed(output).stream()
                .mapToLong(ShardCommit::rows)
                .sum();
    }

    /** What is left in the driver's heap after a full collection. */
    private long liveMegabytes(Process job) throws IOException, InterruptedException {
        int before = collections().size();
        new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                        Long.toString(job.pid()),
                        "GC.run")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
        drivers.await("many", job, () -> collections().size() > before);
        return collections().getLast();
    }

    private List<Long> collections() {
        try (Stream<String> lines = Files.lines(folder.resolve("gc.log"))) {
            return lines.map(FULL_COLLECTION::matcher)
                    .filter(Matcher::find)
                    .map(found -> Long.valueOf(found.group(1)))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int parquetFiles(Path table) throws IOException {
        try (Stream<Path> files = Files.list(table)) {
            return (int)
                    files.filter(file -> file.toString().endsWith(".parquet")).count();
        }
    }
}

package io.spikelet.job.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.job.cluster.ClusterProcess.Running;
import io.spikelet.job.schema.Tables;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

/** More rows than a driver could hold. */
final class ManyRowsTest extends ClusterTest {
    private static final int ROWS = 100_000;
    private static final int SLICES = 20;
    private static final int MOST_GROWTH_MEGABYTES = 24;
    private static final Pattern FULL_COLLECTION =
            Pattern.compile("Pause Full \\(Diagnostic Command\\) \\d+M->(\\d+)M");

    @Test
    void theDriversMemoryDoesNotGrowWithTheRowsAndFilesAreFew() throws Exception {
        Path input = write(
                "prompts.jsonl",
                IntStream.range(0, ROWS)
                        .mapToObj(i -> "{\"id\": \"p" + i + "\", \"prompt\": \"And p" + i + "\"}")
                        .toArray(String[]::new));
        Path output = folder.resolve("out");
        Running job = cluster.start(
                "submit",
                command(
                        "generate",
                        model().toString(),
                        output,
                        "--input",
                        input.toString(),
                        "--max-new-tokens",
                        "1",
                        "--slice-rows",
                        Integer.toString(ROWS / SLICES)));

        job.await(() -> committedSlices(output) >= 2);
        long early = liveMegabytes(job);
        job.await(() -> committedSlices(output) >= SLICES - 2);
        long late = liveMegabytes(job);
        ClusterProcess.Outcome done = job.end();

        assertThat(done.status()).as(done.err()).isZero();
        assertThat(table(output, Tables.COMPLETIONS).select("row_id").distinct().count())
                .isEqualTo(ROWS);
        assertThat(parquetFiles(output.resolve(Tables.COMPLETIONS))).hasSize(1);
        assertThat(late)
                .as("megabytes that live in the driver, %d after 2 slices", early)
                .isLessThanOrEqualTo(early + MOST_GROWTH_MEGABYTES);
        Row seconds = table(output, Tables.RUNS)
                .selectExpr(
                        "aggregate(partition_costs.seconds, 0D, (a, b) -> a + b)",
                        "aggregate(partition_costs.engine_seconds, 0D, (a, b) -> a + b)",
                        "size(partition_costs)",
                        "wall_seconds")
                .head();
        System.out.printf(
                "%d rows: %.1f s, %d tasks that took %.1f s, %.1f%% of it outside of tokenizer and engine; %d file; "
                        + "%d MB live in the driver after 2 slices, %d MB after %d%n",
                ROWS,
                seconds.getDouble(3),
                seconds.getInt(2),
                seconds.getDouble(0),
                100 * (1 - seconds.getDouble(1) / seconds.getDouble(0)),
                1,
                early,
                late,
                SLICES - 2);
    }

    /** What is left in the driver's heap after a full collection. */
    private long liveMegabytes(Running job) throws IOException, InterruptedException {
        int before = collections().size();
        new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                        Long.toString(job.process().pid()),
                        "GC.run")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
        job.await(() -> collections().size() > before);
        return collections().getLast();
    }

    private static List<Long> collections() {
        try (Stream<String> lines = Files.lines(cluster.gcLog())) {
            return lines.map(FULL_COLLECTION::matcher)
                    .filter(Matcher::find)
                    .map(found -> Long.valueOf(found.group(1)))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Path> parquetFiles(Path table) throws IOException {
        try (Stream<Path> files = Files.list(table)) {
            return files.filter(file -> file.toString().endsWith(".parquet")).toList();
        }
    }
}

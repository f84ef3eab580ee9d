package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.job.SparkTest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A text of 15.7 MB among good ones, in a heap of 1.5 GB of a process of its own. */
@Tag("cluster")
@Timeout(value = 15, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class LargeRowTest extends SparkTest {
    private static final int ROWS = 20;
    private static final int LARGE = 7;
    private static final int BYTES = 15_700_000;

    private DriverProcesses drivers;
    private Path output;

    @BeforeEach
    void prepare() {
        drivers = new DriverProcesses(projectRoot(), folder);
        output = folder.resolve("out");
    }

    @AfterEach
    void endWhatStillRuns() {
        drivers.close();
    }

    @Test
    void aPromptThatIsTooLargeIsRefusedBeforeItIsTokenized() throws Exception {
        run("generate", "--max-new-tokens", "2");

        assertOnlyTheLargeRowFailed("completions", List.of("too_long"));
    }

    @Test
    void aDocumentOfThatSizeIsAnErrorOfItsOwnHoweverFarItGets() throws Exception {
        run("perplexity", "--max-row-bytes", "100000000", "--bootstrap", "0", "--row-timeout", "20");

        assertOnlyTheLargeRowFailed("document_scores", List.of("engine_error", "timeout"));
    }

    private void run(String command, String... more) throws InterruptedException {
        String column = command.equals("generate") ? "prompt" : "text";
        Path input = write(
                "in.jsonl",
                IntStream.range(0, ROWS)
                        .mapToObj(i -> "{\"id\": \"r" + i + "\", \"" + column + "\": \""
                                + (i == LARGE ? "And the LORD said ".repeat(BYTES / 18) : "And the LORD said " + i)
                                + "\"}")
                        .toArray(String[]::new));
        List<String> arguments = new ArrayList<>(List.of(command, "--model", model().toString()));
        arguments.addAll(List.of("--input", input.toString(), "--output", output.toString()));
        arguments.addAll(List.of(more));
        List<String> words = drivers.fast(arguments);
        words.set(words.indexOf("-Xmx1g"), "-Xmx1536m");

        Process process = drivers.startCommand("large", words);

        assertThat(drivers.end("large", process)).as(drivers.said("large")).isEqualTo(ExitStatus.DONE);
    }

    private void assertOnlyTheLargeRowFailed(String table, List<String> errorClasses) {
        List<Row> rows = rows(table(output, table), "row_id", "error_class", "error_message");
        assertThat(rows).hasSize(ROWS);
        for (Row row : rows) {
            if (row.getString(0).equals("r" + LARGE)) {
                assertThat(row.getString(1)).isIn(errorClasses);
                assertThat(row.getString(2)).isNotBlank().hasSizeLessThan(2_000);
            } else {
                assertThat(row.isNullAt(1)).as(row.getString(0)).isTrue();
            }
        }
    }
}

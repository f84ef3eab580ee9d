package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.job.SparkTest;
import io.spikelet.job.schema.Tables;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows that would take all memory or time of a driver, with little of both: they cost no other row. */
@Tag("cluster")
@Timeout(value = 15, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class HostileInputTest extends SparkTest {
    private static final int MEBIBYTE = 1 << 20;
    private static final int TASKS = 4;

    private DriverProcesses drivers;
    private Path input;
    private Path output;

    @BeforeEach
    void prepare() {
        drivers = new DriverProcesses(projectRoot(), folder);
        input = folder.resolve("in.jsonl");
        output = folder.resolve("out");
    }

    @AfterEach
    void endWhatStillRuns() {
        drivers.close();
    }

    @Test
    void deepAndWideRowsAreReadAndTheLogSaysThatTheyAreText() throws Exception {
        List<String> lines = new ArrayList<>(List.of(row("good", "\"And\"")));
        for (int levels : new int[] {70, 85, 100, 150}) {
            lines.add(
                    row("deep-" + levels, "\"The\", \"meta\": " + "{\"a\":".repeat(levels) + "1" + "}".repeat(levels)));
        }
        lines.add(row("arrays", "\"The\", \"list\": " + "[".repeat(900) + "]".repeat(900)));
        lines.add(row(
                "wide",
                "\"The\", \"wide\": "
                        + IntStream.range(0, 20_000)
                                .mapToObj(i -> "\"k" + i + "\":" + i)
                                .collect(Collectors.joining(",", "{", "}"))));
        Files.write(input, lines);

        int status = run("deep", "512m", arguments("generate", "--max-new-tokens", "1"));

        assertThat(status).as(drivers.said("deep")).isZero();
        assertThat(errors(Tables.COMPLETIONS))
                .containsExactly(
                        "arrays null",
                        "deep-100 null",
                        "deep-150 null",
                        "deep-70 null",
                        "deep-85 null",
                        "good null",
                        "wide null");
        assertThat(drivers.said("deep").lines())
                .filteredOn(line -> line.contains("values stay JSON text"))
                .singleElement()
                .asString()
                .contains("too many levels or fields", "list", "meta", "wide");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "generate",
                "generate --max-prompt-tokens 100",
                "perplexity",
                "perplexity --max-prompt-tokens 100"
            })
    void aWordOfFifteenMebibytesIsTooLong(String command) throws Exception {
        try (BufferedWriter out = Files.newBufferedWriter(input)) {
            out.write(row("good", "\"And the LORD\"") + "\n");
            out.write(row("word", '"' + "a".repeat(15 * MEBIBYTE) + '"') + "\n");
            out.write(row("more", "\"said unto\"") + "\n");
        }
        String[] words = command.split(" ");

        int status = run(
                "word",
                "512m",
                arguments(words[0], List.of(words).subList(1, words.length).toArray(String[]::new)));

        assertThat(status).as(drivers.said("word")).isZero();
        assertThat(errors(words[0].equals("generate") ? Tables.COMPLETIONS : Tables.DOCUMENT_SCORES))
                .containsExactly("good null", "more null", "word too_long");
    }

    @Test
    void fortyPromptsOfTwoMebibytesAreTooLong() throws Exception {
        try (BufferedWriter out = Files.newBufferedWriter(input)) {
            for (int i = 0; i < 40; i++) {
                out.write(row("long-" + i, '"' + "ab".repeat(MEBIBYTE) + '"') + "\n");
            }
            out.write(row("good", "\"And the LORD\"") + "\n");
        }

        int status = run("long", "512m", arguments("generate", "--max-new-tokens", "1"));

        assertThat(status).as(drivers.said("long")).isZero();
        assertThat(errors(Tables.COMPLETIONS))
                .hasSize(41)
                .startsWith("good null")
                .allMatch(row -> row.startsWith("good ") || row.endsWith(" too_long"));
    }

    /** Lines just short of the limit, of which each task reads one: together they need more than there is. */
    @Test
    void aTaskThatRunsOutOfMemoryFailsTheRunInOneLine() throws Exception {
        Files.createDirectory(folder.resolve("in"));
        for (int i = 0; i < TASKS; i++) {
            Files.writeString(
                    folder.resolve("in/" + i + ".jsonl"),
                    row("long-" + i, '"' + "a".repeat(31 * MEBIBYTE) + '"') + "\n");
        }
        input = folder.resolve("in");

        int status = run("small", "512m", arguments("generate"));

        assertThat(status).as(drivers.said("small")).isEqualTo(ExitStatus.RUN_FAILED);
        assertThat(drivers.said("small").lines().filter(line -> line.startsWith("spikelet: ")))
                .as(drivers.said("small"))
                .singleElement()
                .asString()
                .contains("the run failed: ", "out of memory in a task", "raise the limit");
        assertThat(drivers.said("small")).doesNotContain("\tat ");
        assertThat(output).doesNotExist();
        assertThat(folder.resolve(".out.lock")).doesNotExist();
    }

    private static String row(String id, String text) {
        return "{\"id\": \"" + id + "\", \"prompt\": " + text + "}";
    }

    private List<String> errors(String table) {
        return rows(table(output, table), "row_id", "error_class").stream()
                .map((Row row) -> row.mkString(" "))
                .distinct()
                .toList();
    }

    private int run(String name, String heap, List<String> arguments) throws IOException, InterruptedException {
        List<String> command = drivers.fast(arguments);
        command.set(command.indexOf("-Xmx1g"), "-Xmx" + heap);
        command.set(command.indexOf("local[2]"), "local[" + TASKS + "]");
        return drivers.end(name, drivers.startCommand(name, command));
    }

    private List<String> arguments(String command, String... more) {
        List<String> arguments = new ArrayList<>(List.of(command, "--model", model().toString()));
        arguments.addAll(List.of("--input", input.toString(), "--output", output.toString()));
        arguments.addAll(
                command.equals("perplexity") ? List.of("--text-column", "prompt", "--bootstrap", "0") : List.of());
        arguments.addAll(List.of(more));
        return arguments;
    }
}

package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.job.SparkTest;
import io.spikelet.job.schema.Tables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Signals to a driver that works on a row that takes longer than a test may. */
@Tag("cluster")
@Timeout(value = 15, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class InterruptedRunTest extends SparkTest {
    private static final int INTERRUPTED = 130; // 128 and the number of SIGINT
    private static final int SENTENCES = 100_000;

    private DriverProcesses drivers;
    private Path output;

    @BeforeEach
    void writeInput() {
        write(
                "documents.jsonl",
                "{\"id\": \"first\", \"text\": \"And the LORD said\"}",
                "{\"id\": \"long\", \"text\": \"" + "And the LORD said unto him ".repeat(SENTENCES) + "\"}",
                "{\"id\": \"last\", \"text\": \"unto Moses\"}");
        output = folder.resolve("out");
        drivers = new DriverProcesses(projectRoot(), folder);
    }

    @AfterEach
    void endWhatStillRuns() {
        drivers.close();
    }

    @Test
    void aSecondInterruptEndsAtOnce() throws Exception {
        Process driver = drivers.start("interrupted", perplexity());
        drivers.await("interrupted", driver, () -> noted().contains("long"));

        signal("INT", driver);
        drivers.await("interrupted", driver, () -> drivers.said("interrupted").contains("stopping after"));
        signal("INT", driver);

        assertThat(drivers.end("interrupted", driver))
                .as(drivers.said("interrupted"))
                .isEqualTo(INTERRUPTED);
        String said = drivers.said("interrupted");
        assertThat(said.lines().toList().getLast()).as(said).startsWith("perplexity: interrupted; ");
        assertThat(said).doesNotContain("\tat ", "Exception");
        assertThat(folder.resolve(".out.lock")).doesNotExist();
        if (DriverProcesses.committed(output).isEmpty()) {
            assertThat(DriverProcesses.unfinished(output))
                    .as("work without a row")
                    .doesNotExist();
        }
    }

    @Test
    void aStopDoesNotWaitForARowForEver() throws Exception {
        Process driver = drivers.start("stopped", perplexity("--conf", "spark.spikelet.stopTimeout=2s"));
        drivers.await("stopped", driver, () -> noted().contains("long"));

        signal("TERM", driver);

        assertThat(drivers.end("stopped", driver)).as(drivers.said("stopped")).isEqualTo(ExitStatus.STOPPED);
        assertThat(drivers.said("stopped"))
                .contains("within 2 s", "take too long and are abandoned", "stopped as asked; ");
        assertThat(folder.resolve(".out.lock")).doesNotExist();
    }

    /** A signal of the kind that the kernel sends when native code goes wrong. */
    @Test
    void aRowAtWhichTheJvmOfALocalRunCrashedIsSteppedOverByResume() throws Exception {
        List<String> command = drivers.command(perplexity("--batch-size", "1", "--partitions", "1"));
        command.addAll(2, List.of("-XX:ErrorFile=" + folder.resolve("crash-%p.log"), "-XX:-CreateCoredumpOnCrash"));
        command.set(command.indexOf("local[2]"), "local[1]");
        Process driver = drivers.startCommand("crashed", command);
        drivers.await("crashed", driver, () -> noted().contains("long"));
        signal("SEGV", driver);
        assertThat(drivers.end("crashed", driver)).as(drivers.said("crashed")).isNotZero();

        command.addAll(List.of("--resume", "--max-errors", "1"));
        Process resumed = drivers.startCommand("resumed", command);

        assertThat(drivers.end("resumed", resumed)).as(drivers.said("resumed")).isZero();
        assertThat(drivers.said("resumed")).contains("rows at which a JVM has ended are stepped over: 1");
        assertThat(rows(table(output, Tables.DOCUMENT_SCORES), "row_id", "error_class").stream()
                        .distinct()
                        .map(row -> row.getString(0) + " " + row.getString(1)))
                .containsExactly("first null", "last null", "long engine_error");
        assertNothingIsLeft();
    }

    @Test
    void aCommandThatRunsOutOfMemorySaysSo() throws Exception {
        write("texts.json", "[\"" + "And the LORD said unto him ".repeat(SENTENCES * 5) + "\"]");
        List<String> arguments = new ArrayList<>(List.of("tokenize", "--tokenizer", model().toString()));
        arguments.addAll(List.of("--texts", folder.resolve("texts.json").toString()));
        arguments.addAll(List.of("--output", output.toString()));
        List<String> command = drivers.command(arguments);
        command.set(command.indexOf("-Xmx1g"), "-Xmx40m");

        Process process = drivers.startCommand("small", command.subList(0, command.indexOf("--master")));

        assertThat(drivers.end("small", process)).as(drivers.said("small")).isEqualTo(ExitStatus.RUN_FAILED);
        assertThat(drivers.said("small"))
                .contains("spikelet: the run failed: out of memory with a limit of", "raise the limit with")
                .doesNotContain("\tat ");
        assertThat(output).doesNotExist();
    }

    private List<String> perplexity(String... more) {
        List<String> arguments = new ArrayList<>(List.of("perplexity", "--model", model().toString()));
        arguments.addAll(List.of("--input", folder.resolve("documents.jsonl").toString()));
        arguments.addAll(List.of("--output", output.toString(), "--bootstrap", "0"));
        arguments.addAll(List.of(more));
        return arguments;
    }

    /** What the tasks of the first process have noted. */
    private String noted() {
        return DriverProcesses.notes(output, 1);
    }

    private static void signal(String name, Process process) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .inheritIO()
                .start()
                .waitFor();
    }

    private void assertNothingIsLeft() throws IOException {
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left.map(file -> file.getFileName().toString())).noneMatch(name -> name.startsWith("."));
        }
    }
}

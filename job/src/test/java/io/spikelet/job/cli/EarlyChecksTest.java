package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.spikelet.job.SparkTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What is checked before Spark starts. The master of these commands does not listen, so each message shows that its check
 * comes before Spark is started.
 */
final class EarlyChecksTest extends SparkTest {
    private static final String NOBODY = "spark://127.0.0.1:1";

    @ParameterizedTest
    @ValueSource(strings = {"generate", "perplexity", "choice", "compare"})
    void inputAndOutputAreCheckedBeforeSparkStarts(String command) {
        Path input = write("in.jsonl", "{\"id\": \"a\", \"prompt\": \"And\", \"text\": \"And\"}");
        Path other = write("in.docx", "PK");
        Path out = folder.resolve("out");

        refused(command, folder.resolve("none.jsonl"), out, "none.jsonl does not exist; give a file");
        refused(command, other, out, "in.docx");
        refused(command, input, folder, "exists and is not overwritten");
        refused(command, input, input.resolve("below/out"), "cannot create --output", "in.jsonl is a file");
        refused(command, input, out, "--master " + NOBODY + " is not reachable (127.0.0.1:1: ");
    }

    @Test
    void thePermissionThatIsMissingIsNamed() throws IOException {
        assumeFalse("root".equals(System.getProperty("user.name")), "root may read and write everything");
        Path input = write("in.jsonl", "{\"id\": \"a\", \"prompt\": \"And\"}");
        Path locked = Files.createDirectory(folder.resolve("locked"));
        Files.setPosixFilePermissions(locked, PosixFilePermissions.fromString("r-x------"));
        refused("generate", input, locked.resolve("out"), "this user may not write in " + locked);
        Files.setPosixFilePermissions(input, PosixFilePermissions.fromString("-w-------"));
        refused("generate", input, folder.resolve("out"), "this user may not read " + input);
    }

    @Test
    void aDryRunChecksItsInputAndTheMaster() {
        refused("plan", folder.resolve("none.jsonl"), folder, "does not exist");
        refused("plan", write("in.jsonl", "{\"prompt\": \"And\"}"), folder, "is not reachable");
    }

    @Test
    void sqlAndReportSayThatTheMasterDoesNotListen() {
        MainTest.assertRefused(Invocation.of("sql", "--master", NOBODY, "SELECT 1"), NOBODY + " is not reachable");
    }

    private static void refused(String command, Path input, Path output, String... parts) {
        List<Object> words = new ArrayList<>(
                List.of(command, "--master", NOBODY, "--model", model(), "--input", input, "--output", output));
        words.addAll(
                switch (command) {
                    case "choice" -> List.of("--task", "piqa");
                    case "compare" -> List.of("--baseline", model());
                    default -> List.of();
                });
        Invocation refused = Invocation.of(words.toArray());
        MainTest.assertRefused(refused, parts);
        assertThat(refused.err()).doesNotContain("stack");
    }
}

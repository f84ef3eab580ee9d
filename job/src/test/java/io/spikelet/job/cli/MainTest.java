package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What every command has in common: usage, help, exit statuses. */
final class MainTest {
    @TempDir
    private Path folder;

    @Test
    void helpListsTheCommandsOnStandardOutput() {
        Invocation help = Invocation.of("--help");

        assertThat(help.status()).isZero();
        assertThat(help.out()).contains("Commands:", "inspect", "Exit status:");
        assertThat(help.err()).isEmpty();
    }

    @Test
    void everyCommandHasHelpWithAnExample() {
        for (String command : new CommandLine(Main.class).getSubcommands().keySet()) {
            Invocation help = Invocation.of(command, "--help");

            assertThat(help.status()).as(command).isZero();
            assertThat(help.out())
                    .as(command)
                    .contains("Usage: spikelet " + command, "Example", "  spikelet " + command);
        }
    }

    @Test
    void versionNamesTheJvmAndSpark() {
        Invocation version = Invocation.of("--version");

        assertThat(version.status()).isZero();
        assertThat(version.out()).contains("spikelet ", "Java 25", "Spark 4.2.0");
    }

    @Test
    void noCommandIsWrongUsage() {
        assertRefused(Invocation.of(), "Missing required subcommand", "spikelet --help");
    }

    @Test
    void anUnknownCommandIsWrongUsageAndSuggestsTheNearest() {
        assertRefused(Invocation.of("inspct"), "inspct", "did you mean inspect?");
    }

    @Test
    void anUnknownOptionIsWrongUsage() {
        assertRefused(Invocation.of("inspect", "--deep", folder), "--deep", "spikelet inspect --help");
    }

    @Test
    void aMissingOperandIsWrongUsage() {
        assertRefused(Invocation.of("inspect"), "DIR", "spikelet inspect --help");
    }

    @Test
    void aMissingModelDirectoryIsBadInput() {
        Path missing = folder.resolve("missing");

        assertRefused(Invocation.of("inspect", missing), missing.toString(), "not a model directory");
    }

    @Test
    void aManifestThatIsNotJsonIsBadInput() throws IOException {
        Files.writeString(folder.resolve("manifest.json"), "{\"format\": ");

        assertRefused(Invocation.of("inspect", folder), "manifest.json", "not valid JSON");
    }

    @Test
    void verbosePrintsTheStackTraceAfterTheLine() {
        Invocation refused = Invocation.of("inspect", "--verbose", folder);

        assertThat(refused.status()).isEqualTo(ExitStatus.BAD_INPUT);
        assertThat(refused.err()).startsWith("spikelet: ").contains("ModelFormatException", "\tat ");
    }

    static void assertRefused(Invocation invocation, String... parts) {
        assertThat(invocation.err()).startsWith("spikelet: ").contains(parts);
        assertThat(invocation.err().lines()).hasSize(1);
        assertThat(invocation.status()).isEqualTo(ExitStatus.BAD_INPUT);
        assertThat(invocation.out()).isEmpty();
    }
}

package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

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
    void helpHasNoBrokenLinesAndNoEscapes() {
        Set<String> commands =
                new TreeSet<>(new CommandLine(Main.class).getSubcommands().keySet());
        commands.add("");
        for (String command : commands) {
            CommandSpec spec = (command.isEmpty()
                            ? Main.commands()
                            : Main.commands().getSubcommands().get(command))
                    .getCommandSpec();
            String help = Invocation.of(command.isEmpty() ? new Object[] {"--help"} : new Object[] {command, "--help"})
                    .out();
            assertThat(help.lines().filter(line -> line.length() > 100))
                    .as(command)
                    .isEmpty();
            assertThat(help).as(command).doesNotContain("%%", "%n", "|P%%", "${", "\u001b", "\t");
            assertThat(help).as("a line of '%s' ends within a word", command).doesNotContainPattern("[a-z]-\n");
            assertThat(help)
                    .as("a line of '%s' ends within a file's name", command)
                    .doesNotContainPattern("(\\.\n {20,}[a-z]|:\n {20,}/)");
            for (String line : spec.usageMessage().footer()) {
                assertThat(help)
                        .as("a line of the footer of '%s' is broken", command)
                        .contains("\n" + line.replace("%%", "%") + "\n");
            }
            assertThat(help).as("'%s' has spaces at the end of a line", command).doesNotContainPattern("\\S \\n");
            List<String> lines =
                    help.lines().map(line -> line.replace("[no-]", "")).toList();
            for (OptionSpec option : spec.options()) {
                String words = String.join(" ", option.description()).replaceAll("\\$\\{[^}]*}|%n", " ");
                for (String word : words.split("[\\s,;.:()]+")) {
                    assertThat(help)
                            .as("%s: a word of %s is broken", command, option.longestName())
                            .contains(word);
                }
                assertThat(lines.stream()
                                .filter(line -> line.strip().startsWith(option.longestName())
                                        || line.contains(", " + option.longestName())))
                        .as("%s %s begins a line", command, option.longestName())
                        .isNotEmpty();
            }
        }
        assertThat(Invocation.of("--help").out()).contains("  130   ");
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

package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The class archives that {@code scripts/build} has recorded: the JVM of a command does take its classes from them. */
@Tag("cluster")
final class ClassArchiveTest {
    private static final Path PROJECT = Path.of("..").toAbsolutePath().normalize();
    private static final String MAIN = "io.spikelet.job.cli.Main";

    @TempDir
    private Path folder;

    @Test
    void commandsLoadTheirClassesFromTheArchive() throws Exception {
        assumeThat(archives()).as("scripts/build has recorded classes").isNotEmpty();

        assertThat(loaded("generate", "--model", folder.resolve("none").toString()))
                .endsWith("shared objects file");
        assertThat(loaded("report", folder.resolve("none").toString())).endsWith("shared objects file");
    }

    private static List<Path> archives() throws IOException {
        try (Stream<Path> files = Files.list(PROJECT.resolve("job/target"))) {
            return files.filter(file -> file.toString().endsWith(".aot")).toList();
        }
    }

    /** From where a command that fails at once has loaded its main class. */
    private String loaded(String... command) throws Exception {
        Path log = folder.resolve(command[0] + ".log");
        ProcessBuilder process = new ProcessBuilder(Stream.concat(
                                Stream.of(PROJECT.resolve("scripts/spikelet").toString()), Stream.of(command))
                        .toList())
                .directory(PROJECT.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("output").toFile());
        process.environment().put("SPIKELET_JAVA_OPTS", "-Xlog:class+load:file=" + log);
        assertThat(process.start().waitFor()).isEqualTo(ExitStatus.BAD_INPUT);
        try (Stream<String> lines = Files.lines(log)) {
            return lines.filter(line -> line.contains(" " + MAIN + " source: "))
                    .findFirst()
                    .orElseThrow();
        }
    }
}

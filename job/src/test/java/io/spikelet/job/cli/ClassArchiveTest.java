package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
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
        assumeThat(archive())
                .as("scripts/build has recorded the classes of this build")
                .exists();

        assertThat(loaded("generate", "--model", folder.resolve("none").toString()))
                .endsWith("shared objects file");
        assertThat(loaded("report", folder.resolve("none").toString())).endsWith("shared objects file");
    }

    private static Path archive() throws IOException {
        Process bash = new ProcessBuilder("bash", "-c", "source scripts/lib.sh && use_jdk && class_archive")
                .directory(PROJECT.toFile())
                .start();
        return Path.of(new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
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

package io.spikelet.job.cli;

import io.spikelet.job.UsageException;
import io.spikelet.job.fuzz.Fuzzer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Job files. */
class ConfigFileFuzzTest {
    @TempDir
    private Path folder;

    private Fuzzer fuzzer() {
        Path file = folder.resolve("job.yaml");
        return new Fuzzer(
                "job-files",
                List.of(),
                Stream.of("a: b\n", "- x\n", "&a ", "*a ", "<<: ", "---\n", "? ", "[", "{", "|\n", "!!int ", "#", "\"")
                        .map(word -> word.getBytes(StandardCharsets.UTF_8))
                        .toList(),
                List.of(UsageException.class),
                input -> {
                    ConfigFile.read(Files.write(file, input));
                    return null;
                });
    }

    @Test
    void seedsAreReadOrRefused() {
        fuzzer().readSeeds();
    }

    @Tag("fuzz")
    @Test
    void mutationsAreReadOrRefused() {
        fuzzer().readMutations();
    }
}

package io.spikelet.job.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spikelet.job.RunFailedException;
import io.spikelet.job.UsageException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OutputDirectoryTest {
    @TempDir
    private Path folder;

    @Test
    void tablesAppearTogetherWhenPublished() throws IOException {
        Path target = folder.resolve("deep/out");
        try (OutputDirectory output = reserve(target)) {
            writeTable(output, "one");
            writeTable(output, "two");
            output.discard("two");
            assertThat(target).doesNotExist();
            output.publish();
        }

        assertThat(target.resolve("one/part")).hasContent("rows");
        assertThat(target.resolve("two")).doesNotExist();
        try (Stream<Path> beside = Files.list(target.getParent())) {
            assertThat(beside).containsExactly(target);
        }
    }

    @Test
    void aRunThatFailsLeavesNothing() throws IOException {
        try (OutputDirectory output = reserve(folder.resolve("out"))) {
            writeTable(output, "one");
        }

        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void anExistingDirectoryOrFileIsRefused() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "x");

        for (Path existing : new Path[] {folder, file}) {
            assertThatThrownBy(() -> reserve(existing))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContainingAll(existing.toString(), "exists");
        }
    }

    @Test
    void anOutputThatAppearsDuringTheRunIsNotOverwritten() throws IOException {
        Path target = folder.resolve("out");
        try (OutputDirectory output = reserve(target)) {
            Files.createDirectory(target);

            assertThatThrownBy(output::publish)
                    .isInstanceOf(RunFailedException.class)
                    .hasMessageContaining("exists");
        }
        assertThat(target).isEmptyDirectory();
    }

    private static OutputDirectory reserve(Path target) {
        return OutputDirectory.reserve(target.toString(), "run-1", new Configuration());
    }

    private static void writeTable(OutputDirectory output, String name) throws IOException {
        Path table = Files.createDirectories(Path.of(URI.create(output.table(name))));
        Files.writeString(table.resolve("part"), "rows");
    }
}

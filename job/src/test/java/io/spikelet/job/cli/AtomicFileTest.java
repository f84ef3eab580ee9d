package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AtomicFileTest {
    @TempDir
    private Path folder;

    @Test
    void publishesIntoANewFolderAndLeavesNothingElse() throws IOException {
        Path destination = folder.resolve("new/result.json");
        try (AtomicFile staged = new AtomicFile(destination)) {
            Files.writeString(staged.path(), "complete");
            assertThat(destination).doesNotExist();
            staged.publish();
        }

        assertThat(destination).hasContent("complete");
        assertThat(destination.getParent()).isDirectoryNotContaining("glob:**.partial");
    }

    @Test
    void anOlderFileStaysUntilTheNewOneIsComplete() throws IOException {
        Path destination = Files.writeString(folder.resolve("result.json"), "old");
        try (AtomicFile staged = new AtomicFile(destination)) {
            Files.writeString(staged.path(), "half");
        }

        assertThat(destination).hasContent("old");
        assertThat(folder).isDirectoryNotContaining("glob:**.partial");
    }

    @Test
    void refusesAFolder() {
        assertThatThrownBy(() -> new AtomicFile(folder))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is a folder");
    }
}

package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spikelet.job.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that a user names and that may have no end. */
final class BoundedFileTest {
    @TempDir
    private Path folder;

    @Test
    void noMoreIsReadThanMayBeThere() throws IOException {
        Path file = Files.writeString(folder.resolve("task.yaml"), "12345");

        assertThat(BoundedFile.text(file, 5, "--task")).isEqualTo("12345");
        assertThatThrownBy(() -> BoundedFile.text(file, 4, "--task"))
                .isInstanceOf(UsageException.class)
                .hasMessage("--task " + file + " has more than 4 bytes");
        assertThatThrownBy(() -> ConfigFile.read(Path.of("/dev/zero")))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("--config /dev/zero has more than");
        Files.write(folder.resolve("task.yaml"), new byte[1 << 19]);
        assertThatThrownBy(() -> TaskFiles.read(file.toString()))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("has more than 262144 bytes");
    }

    @Test
    void aTextIsUtf8() throws IOException {
        Path file = Files.write(folder.resolve("text"), new byte[] {'a', (byte) 0xff});

        assertThatThrownBy(() -> BoundedFile.text(file, 5, "--template-file"))
                .isInstanceOf(UsageException.class)
                .hasMessage("--template-file " + file + " is not UTF-8");
    }
}

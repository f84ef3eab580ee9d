package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.spikelet.job.UsageException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Configuration files and task files of others. */
final class HostileYamlTest {
    private static final ThreadMXBean THREAD = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final AtomicInteger MADE = new AtomicInteger();

    private static final String TASK = """
            name: own
            description: a task
            text: question
            context: "{question}"
            choices: ["{a}", "{b}"]
            answer: {column: label, from: 0}
            """;

    @TempDir
    private Path folder;

    /** A class that tells when a tag has made one of it. */
    public static final class Made {
        public Made() {
            MADE.incrementAndGet();
        }

        public Made(String ignored) {
            MADE.incrementAndGet();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "!!%s {}",
                "!!%s []",
                "!!%s [text]",
                "!!%s text",
                "! %s",
                "!<tag:yaml.org,2002:%s> [text]",
                "!!javax.script.ScriptEngineManager [!!java.net.URLClassLoader [[!!java.net.URL [\"http://127.0.0.1/\"]]]]",
                "!!python/object/apply:os.system [\"true\"]",
                "!!%s {name: text}"
            })
    void noTagMakesAnObject(String value) throws IOException {
        String tagged = value.formatted(Made.class.getName());
        for (String key : List.of("name", "description", "text", "context", "choices", "filters", "answer")) {
            String task = TASK.replaceFirst("(?m)^" + key + ": .*$", "") + key + ": " + tagged + "\n";
            readOrRefused(() -> TaskFiles.read(write("task.yaml", task).toString()));
        }
        for (String job : List.of("stop: " + tagged, "conf: {a: " + tagged + "}", tagged, tagged + ": 1")) {
            readOrRefused(() -> ConfigFile.read(write("job.yaml", job + "\n")));
        }
        assertThat(MADE).hasValue(0);
    }

    @FunctionalInterface
    private interface Reading {
        void read() throws IOException;
    }

    private static void readOrRefused(Reading reading) throws IOException {
        try {
            reading.read();
        } catch (UsageException e) {
            assertThat(e.getMessage()).isNotBlank().hasSizeLessThan(2000);
        }
    }

    /** The parser's memory grows with the square of a comment or a name: 2 GB for one of 1 MB. */
    @Test
    void aCommentOrANameOfAMegabyteIsRefusedUnread() throws IOException {
        String megabyte = "x".repeat(1 << 20);
        for (String start : List.of("top-k: 1 # ", "# ", "", "? ", "stop: [&", "stop: !", "%")) {
            Path job = write("job.yaml", start + megabyte + "\n");
            Path task = write("task.yaml", TASK + start + megabyte + "\n");

            long before = THREAD.getCurrentThreadAllocatedBytes();
            assertThatThrownBy(() -> ConfigFile.read(job))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining("has more than 65536 bytes");
            assertThatThrownBy(() -> TaskFiles.read(task.toString()))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining("has more than 262144 bytes");
            assertThat(THREAD.getCurrentThreadAllocatedBytes() - before)
                    .as(start)
                    .isLessThan(8 << 20);
        }
    }

    /** What is just short enough to be read. */
    @Test
    void aCommentOrANameOfSixtyKilobytesTakesLittleMemory() throws IOException {
        String filler = "x".repeat(60_000);
        for (String start : List.of("top-k: 1 # ", "# ", "? ", "stop: [&", "stop: !", "%")) {
            long before = THREAD.getCurrentThreadAllocatedBytes();
            readOrRefused(() -> ConfigFile.read(write("job.yaml", start + filler + "\n")));
            readOrRefused(() -> TaskFiles.read(
                    write("task.yaml", TASK + start + filler + "\n").toString()));
            assertThat(THREAD.getCurrentThreadAllocatedBytes() - before)
                    .as(start)
                    .isLessThan(256 << 20);
        }
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }
}

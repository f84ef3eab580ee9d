package io.spikelet.job.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.spikelet.job.UsageException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Names of files that the locale of a JVM cannot represent. */
@Timeout(120)
final class LocaleTest {
    @TempDir
    private Path folder;

    @BeforeEach
    void requireNames() {
        assumeTrue(
                System.getProperty("sun.jnu.encoding").equals("UTF-8"),
                "skipped: this JVM itself cannot represent the names; set LC_ALL=C.UTF-8");
    }

    @Test
    void aNameThatTheLocaleCannotRepresentIsRefusedAndNotLeftOut() throws IOException, InterruptedException {
        Files.createDirectories(folder.resolve("in/zone=1"));
        Files.writeString(folder.resolve("in/q.jsonl"), "{}");
        assertThat(found("C", folder.resolve("in"))).endsWith("[q.jsonl]");

        Files.writeString(folder.resolve("in/zone=1/p_\u00fc.jsonl"), "{}");
        assertThat(found("C", folder.resolve("in"))).contains("cannot represent", "LC_ALL=C.UTF-8");
        assertThat(found("C.UTF-8", folder.resolve("in"))).endsWith("[q.jsonl, zone=1/p_\u00fc.jsonl]");
    }

    @Test
    void soIsOneThatAGlobWouldMatch() throws IOException, InterruptedException {
        Files.writeString(folder.resolve("a.jsonl"), "{}");
        Files.writeString(folder.resolve("a_\u65e5\u672c.jsonl"), "{}");

        assertThat(found("C", folder.resolve("a*.jsonl"))).contains("cannot represent", "LC_ALL=C.UTF-8");
        assertThat(found("C", folder.resolve("[a].jsonl"))).endsWith("[a.jsonl]");
    }

    /** The names that a JVM of a locale finds, or what it says. */
    private static String found(String locale, Path input) throws IOException, InterruptedException {
        ProcessBuilder java = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-Dstdout.encoding=UTF-8",
                "-cp",
                System.getProperty("java.class.path"),
                Finder.class.getName(),
                input.toString());
        java.environment().put("LC_ALL", locale);
        Process process = java.redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return said;
    }

    /** Prints the names of an input's files. */
    static final class Finder {
        private Finder() {}

        public static void main(String[] words) {
            try {
                System.out.println(InputFiles.find(words[0], new Configuration()).files().stream()
                        .map(InputFiles.InputFile::name)
                        .toList());
            } catch (UsageException e) {
                System.out.println(e.getMessage());
            }
        }
    }
}

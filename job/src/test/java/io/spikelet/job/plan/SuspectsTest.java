package io.spikelet.job.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SuspectsTest {
    @TempDir
    private Path folder;

    @Test
    void aRowIsBlamedWhenItsExecutorEndedAndNotWhenTheDriverDid() throws IOException {
        note("1/9.0-3-1", "!hash 0 killer\n");
        note("1/9.0-3-1.end", Suspects.JVM_ENDED);
        note("1/9.0-4-1", "!hash 0 removed\n");
        note("1/9.0-4-1.end", "");
        note("1/9.0-5-1", "!hash 0 in flight when the driver was killed\n");
        note("1/9.0-6-1", "-hash 0 done\n");
        note("1/9.0-6-1.end", Suspects.JVM_ENDED);

        assertThat(settled(true).blamed()).containsExactly("hash 0 killer");
        assertThat(folder.resolve("1")).doesNotExist();
        assertThat(settled(true).blamed()).as("another process later").containsExactly("hash 0 killer");
    }

    @Test
    void aDriverThatCrashesIsTheFaultOfTheRowThatItWorkedOnAlone() throws IOException {
        Path report = Files.writeString(folder.resolve("hs_err_pid1.log"), "SIGSEGV");
        note("1/report", report.toString());
        note("1/9.0-0-0", "+a\n+b\n-a\n+c\n");
        note("1/9.0-1-0", "+d\n-d\n+cut");
        Suspects first = settled(true);
        assertThat(first.watched()).containsExactlyInAnyOrder("b", "c");
        assertThat(first.blamed()).isEmpty();

        note("2/report", report.toString());
        note("2/9.0-0-0", "!b\n-b\n!c\n");
        note("2/9.0-1-0", "+e\n");
        assertThat(settled(true).blamed()).containsExactly("c");
    }

    @Test
    void anEndWithoutACrashMayHaveBeenAKillAndBlamesOnlyTheThirdTime() throws IOException {
        for (int process = 1; process <= 3; process++) {
            assertThat(settled(true).blamed()).isEmpty();
            note(process + "/report", folder.resolve("none").toString());
            note(process + "/9.0-0-0", "!a\n");
            note(process + "/9.0-1-0", "+b\n");
        }
        assertThat(settled(true).blamed()).containsExactly("a");
        assertThat(settled(true).watched()).containsExactlyInAnyOrder("a", "b");
    }

    @Test
    void aDriverThatEndsInOrderSuspectsNothing() throws IOException {
        note("1/report", folder.resolve("none").toString());
        note("1/9.0-0-0", "!a\n+b\n");

        Suspects suspects = settled(false);

        assertThat(suspects.exist()).isFalse();
        assertThat(folder.resolve("1")).doesNotExist();
    }

    @Test
    void aDamagedRecordBlamesNobody() throws IOException {
        for (String damaged : List.of("null", "{\"a\": null}", "[1]", "{\"a\": [1]}", "{\"a\"", "")) {
            note("rows.json", damaged);
            note("1/9.0-3-1", "!b\n");
            note("1/9.0-3-1.end", Suspects.JVM_ENDED);

            assertThat(settled(true).blamed()).as(damaged).containsExactly("b");
        }
    }

    private Suspects settled(boolean hasEnded) throws IOException {
        Suspects suspects =
                new Suspects(FileSystem.getLocal(new Configuration()), new org.apache.hadoop.fs.Path(folder.toUri()));
        suspects.settle(hasEnded);
        return suspects;
    }

    private void note(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }
}

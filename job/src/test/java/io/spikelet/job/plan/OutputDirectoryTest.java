package io.spikelet.job.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spikelet.job.RunFailedException;
import io.spikelet.job.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;

final class OutputDirectoryTest extends OutputTest {
    @Test
    void tablesAppearTogetherWhenPublished() throws IOException {
        Path target = folder.resolve("deep/out");
        try (OutputDirectory output = reserve(target, false)) {
            write(output.table("one"));
            write(output.table("two"));
            assertThat(target).doesNotExist();
            output.publish();
        }

        assertThat(target.resolve("one/part")).hasContent("rows");
        assertThat(target.resolve("two/part")).hasContent("rows");
        assertThat(beside(target)).containsExactly(target);
    }

    @Test
    void aRunThatCommitsNothingLeavesNothing() throws IOException {
        try (OutputDirectory output = reserve(folder.resolve("out"), false)) {
            output.begin(JOB);
            row(output, "0");
        }

        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void anExistingDirectoryOrFileIsRefused() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "x");

        for (Path existing : new Path[] {folder, file}) {
            assertThatThrownBy(() -> reserve(existing, false))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContainingAll(existing.toString(), "exists", "--resume");
        }
    }

    @Test
    void committedRowsOutliveAFailureAndOthersDoNot() throws IOException {
        Path target = folder.resolve("out");
        try (OutputDirectory output = reserve(target, false)) {
            output.begin(JOB);
            row(output, "0");
            commit(output);
            row(output, "1");
        }

        assertThatThrownBy(() -> reserve(target, false))
                .isInstanceOf(UsageException.class)
                .hasMessageContainingAll("unfinished work with 7 rows", "--resume");
        try (OutputDirectory output = reserve(target, true)) {
            assertThat(output.ledger().committed()).containsExactly(COMMIT);
            assertThat(path(output.ledger().rows(1)).resolve("0")).hasContent("rows");
            assertThat(path(output.ledger().rows(1)).resolve("1")).doesNotExist();
            assertThat(output.ledger().state()).contains(JOB);
            output.begin(JOB.nextAttempt(1, 1));
            assertThat(output.ledger().state()).contains(new RunState("run-1", 1, 2, Map.of("seed", "1"), 0, 1));
            write(output.table("one"));
            output.publish();
        }
        assertThat(beside(target)).containsExactly(target);
    }

    @Test
    void aRunThatHasLostItsLockWritesAndDeletesNothing() throws IOException {
        Path target = folder.resolve("out");
        OutputDirectory sleeper = reserve(target, false);
        Files.delete(folder.resolve(".out.lock"));
        try (OutputDirectory next = reserve(target, false)) {
            next.begin(JOB);
            write(next.scratch("plan"));

            assertThatThrownBy(() -> sleeper.begin(JOB.nextAttempt(1, 1)))
                    .isInstanceOf(RunFailedException.class)
                    .hasMessageContaining("the lock of --output");
            assertThatThrownBy(() -> commit(sleeper))
                    .isInstanceOf(RunFailedException.class)
                    .hasMessageContaining("the lock of --output");
            sleeper.close();

            assertThat(path(next.scratch("plan")).resolve("part")).hasContent("rows");
            assertThat(next.ledger().state()).contains(JOB);
            assertThat(next.ledger().committed()).isEmpty();
        }
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void twoJobsCannotWriteOneOutput() {
        Path target = folder.resolve("out");
        try (OutputDirectory first = reserve(target, false)) {
            assertThatThrownBy(() -> reserve(target, true))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContainingAll(
                            "is being written by process "
                                    + ProcessHandle.current().pid(),
                            "wait for it",
                            ".out.lock");
            assertThat(first.isPublished()).isFalse();
        }
        reserve(target, false).close();
    }

    @Test
    void outputAndInputMustNotLieInEachOther() throws IOException {
        Path input = Files.createDirectories(folder.resolve("in"));
        Files.writeString(input.resolve("rows.jsonl"), "{}");

        for (Path target : List.of(input.resolve("out"), input)) {
            assertThatThrownBy(() -> reserve(target, input.toString(), true))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContainingAll("lies inside --input", input.toString());
        }
        assertThatThrownBy(() -> reserve(folder, input + "/*.jsonl", true))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("lies inside --output");
        reserve(input.resolve("out"), input + "/*.jsonl", false).close();
    }

    @Test
    void namesThatLookLikePatternsOrUrisAreNames() throws IOException {
        for (String name : List.of("a?b", "run[1]", "x{a}", "10:30", "2024-05-01T10:30:00", "a b%20c", "q*")) {
            Path target = folder.resolve(name);
            try (OutputDirectory output = reserve(target, false)) {
                output.begin(JOB);
                commit(output);
            }
            try (OutputDirectory output = reserve(target, true)) {
                assertThat(output.ledger().committed()).hasSize(1);
                write(output.table("one"));
                output.publish();
            }
            assertThat(target.resolve("one/part")).hasContent("rows");
            assertThatThrownBy(() -> reserve(target, false)).isInstanceOf(UsageException.class);
        }
        assertThat(beside(folder.resolve("q*"))).hasSize(7);
        OutputDirectory.reserve("12:30", List.of("no-input"), false, new Configuration())
                .close();
        assertThat(Path.of(".12%3A30.lock")).doesNotExist();
    }

    @Test
    void workWithoutAFingerprintIsRefused() throws IOException {
        Path target = folder.resolve("out");
        Path state = folder.resolve(".out.unfinished/ledger/job.json");
        try (OutputDirectory output = reserve(target, false)) {
            output.begin(JOB);
            commit(output);
        }
        for (String broken : List.of("", "null", "{\"runId\": null}", "{\"runId\": \"cut")) {
            Files.writeString(state, broken);
            assertThatThrownBy(() -> reserve(target, true))
                    .as(broken)
                    .isInstanceOf(UsageException.class)
                    .hasMessageContainingAll("does not say how its work was done", "delete", ".out.unfinished");
        }
        Files.delete(state);
        assertThatThrownBy(() -> reserve(target, true))
                .isInstanceOf(UsageException.class)
                .hasMessageContainingAll("does not say how its work was done", "delete", ".out.unfinished");
        assertThat(folder.resolve(".out.lock")).doesNotExist();
    }

    @Test
    void aDanglingLinkIsNoPlaceForAnOutput() throws IOException {
        Path target = Files.createSymbolicLink(folder.resolve("out"), folder.resolve("nowhere"));

        for (boolean resume : new boolean[] {false, true}) {
            assertThatThrownBy(() -> reserve(target, resume))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContainingAll(target.toString(), "is a link to nothing");
        }
    }

    @Test
    void anOutputInsideTheInputThroughALinkIsRefused() throws IOException {
        Path input = Files.createDirectories(folder.resolve("in"));
        Files.writeString(input.resolve("rows.jsonl"), "{}");
        Path link = Files.createSymbolicLink(folder.resolve("link"), input);

        assertThatThrownBy(() -> reserve(link.resolve("out"), input.toString(), false))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("lies inside --input");
        assertThatThrownBy(() -> reserve(input.resolve("out"), link.toString(), false))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("lies inside --input");
    }
}

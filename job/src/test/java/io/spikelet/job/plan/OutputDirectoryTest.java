package io.spikelet.job.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spikelet.job.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OutputDirectoryTest {
    private static final JobState JOB = new JobState("run-1", 1, 1, Map.of("seed", "1"));

    @TempDir
    private Path folder;

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
            write(output.ledger().slice(0));
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
    void committedSlicesOutliveAFailureAndOthersDoNot() throws IOException {
        Path target = folder.resolve("out");
        try (OutputDirectory output = reserve(target, false)) {
            output.begin(JOB);
            write(output.ledger().slice(0));
            output.ledger().commit(new SliceEntry(0, 1, 7, Map.of(0, 5L), List.of()));
            write(output.ledger().slice(1));
        }

        assertThatThrownBy(() -> reserve(target, false))
                .isInstanceOf(UsageException.class)
                .hasMessageContainingAll("unfinished work with 7 rows", "--resume");
        try (OutputDirectory output = reserve(target, true)) {
            assertThat(output.ledger().committed()).containsExactly(new SliceEntry(0, 1, 7, Map.of(0, 5L), List.of()));
            assertThat(path(output.ledger().slice(0)).resolve("part")).hasContent("rows");
            assertThat(path(output.ledger().slice(1))).doesNotExist();
            output.begin(new JobState("run-2", 2, 1, Map.of()));
            assertThat(output.ledger().state()).contains(new JobState("run-1", 1, 2, Map.of("seed", "1")));
            write(output.table("one"));
            output.publish();
        }
        assertThat(beside(target)).containsExactly(target);
    }

    @Test
    void aCrashWhileTablesAreReplacedLosesNeither() throws IOException {
        Path target = folder.resolve("out");
        write(folder.resolve(".out.unfinished/previous/one").toUri().toString());

        reserve(target, true).close();

        assertThat(target.resolve("one/part")).hasContent("rows");
        assertThat(beside(target)).containsExactly(target);
    }

    @Test
    void tablesThatWereMovedInPartAreNotTakenForTheWhole() throws IOException {
        Path target = folder.resolve("out");
        String staging = folder.resolve(".out.unfinished").toUri().toString();
        try (OutputDirectory output = reserve(target, false)) {
            output.begin(JOB);
            output.ledger().commit(new SliceEntry(0, 1, 7, Map.of(0, 5L), List.of()));
        }
        write(staging + "/previous/one");
        write(staging + "/previous/two");
        write(staging + "/tables/two");
        write(target.resolve("new").toUri().toString());

        try (OutputDirectory output = reserve(target, true)) {
            assertThat(target.resolve("one/part")).hasContent("rows");
            assertThat(target.resolve("two/part")).hasContent("rows");
            assertThat(target.resolve("new")).doesNotExist();
            assertThat(output.ledger().committed()).hasSize(1);
        }
    }

    @Test
    void aCrashAfterTheTablesWereMovedLeavesThemAsTheyAre() throws IOException {
        Path target = folder.resolve("out");
        Path staging = Files.createDirectories(folder.resolve(".out.unfinished"));
        write(staging.resolve("previous/one").toUri().toString());
        Files.createFile(staging.resolve("published"));
        write(target.resolve("new").toUri().toString());

        reserve(target, true).close();

        assertThat(target.resolve("new/part")).hasContent("rows");
        assertThat(beside(target)).containsExactly(target);
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
                output.ledger().commit(new SliceEntry(0, 1, 7, Map.of(0, 5L), List.of()));
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
        OutputDirectory.reserve("12:30", "no-input", false, new Configuration()).close();
        assertThat(Path.of(".12%3A30.lock")).doesNotExist();
    }

    private OutputDirectory reserve(Path target, boolean resume) {
        return reserve(target, folder.resolve("no-input").toString(), resume);
    }

    private static OutputDirectory reserve(Path target, String input, boolean resume) {
        return OutputDirectory.reserve(target.toString(), input, resume, new Configuration());
    }

    private static void write(String table) throws IOException {
        Files.writeString(Files.createDirectories(path(table)).resolve("part"), "rows");
    }

    private static Path path(String uri) {
        return Path.of(new org.apache.hadoop.fs.Path(uri).toUri());
    }

    private static List<Path> beside(Path target) throws IOException {
        try (Stream<Path> files = Files.list(target.getParent())) {
            return files.toList();
        }
    }
}

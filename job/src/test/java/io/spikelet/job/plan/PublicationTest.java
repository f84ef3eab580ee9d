package io.spikelet.job.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spikelet.job.RunFailedException;
import io.spikelet.job.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.commons.io.FileUtils;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;

final class PublicationTest extends OutputTest {
    @Test
    void aCrashWhileTablesAreReplacedLosesNeither() throws IOException {
        Path target = folder.resolve("out");
        write(folder.resolve(".out.unfinished/previous/one").toUri().toString());
        mark(folder.resolve(".out.unfinished/previous"), "earlier");

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
            commit(output);
        }
        write(staging + "/previous/one");
        write(staging + "/previous/two");
        mark(folder.resolve(".out.unfinished/previous"), "earlier");
        write(staging + "/tables/two");
        publishing("{\"id\": \"later\", \"earlier\": \"earlier\", \"isAside\": true}");
        write(target.resolve("new").toUri().toString());

        assertThatThrownBy(() -> reserve(target, true))
                .as("what might be somebody else's")
                .isInstanceOf(UsageException.class)
                .hasMessageContainingAll("was being replaced when a run ended", "delete it", "--resume");
        mark(target, "later");
        try (OutputDirectory output = reserve(target, true)) {
            assertThat(target.resolve("one/part")).hasContent("rows");
            assertThat(target.resolve("two/part")).hasContent("rows");
            assertThat(target.resolve("new")).doesNotExist();
            assertThat(output.ledger().committed()).hasSize(1);
        }
    }

    @Test
    void tablesOfAFirstRunThatDiedWhileTheyWereMovedAreWrittenAgain() throws IOException {
        Path target = folder.resolve("out");
        try (OutputDirectory output = reserve(target, false)) {
            output.begin(JOB);
            commit(output);
        }
        write(target.resolve("one").toUri().toString());
        publishing("{\"id\": \"first\"}");

        assertThatThrownBy(() -> reserve(target, true))
                .as("what might be somebody else's")
                .isInstanceOf(UsageException.class)
                .hasMessageContainingAll("was being replaced when a run ended", "delete it", "--resume");
        mark(target, "first");
        try (OutputDirectory output = reserve(target, true)) {
            assertThat(output.isPublished())
                    .as("else its record would be there twice")
                    .isFalse();
            assertThat(output.ledger().committed()).hasSize(1);
        }
    }

    @Test
    void aCrashBeforeAnythingWasMovedLeavesWhatIsPublished() throws IOException {
        Path target = folder.resolve("out");
        publish(target);
        try (OutputDirectory output = reserve(target, true)) {
            output.begin(JOB);
            commit(output);
        }
        publishing("{\"id\": \"later\"}");

        reserve(target, true).close();

        assertThat(target.resolve("one/part")).hasContent("rows");
    }

    @Test
    void aCrashAfterTheTablesWereMovedLeavesThemAsTheyAre() throws IOException {
        Path target = folder.resolve("out");
        Path staging = Files.createDirectories(folder.resolve(".out.unfinished"));
        write(staging.resolve("previous/one").toUri().toString());
        Files.createFile(staging.resolve("published"));
        write(target.resolve("new").toUri().toString());
        mark(target, "later");

        reserve(target, true).close();

        assertThat(target.resolve("new/part")).hasContent("rows");
        assertThat(beside(target)).containsExactly(target);
    }

    @Test
    void aFolderThatSomebodyElseMadeMeanwhileIsNotReplaced() throws IOException {
        Path target = folder.resolve("out");
        try (OutputDirectory output = reserve(target, false)) {
            output.begin(JOB);
            write(output.table("one"));
            write(target.toUri().toString());

            assertThatThrownBy(output::publish)
                    .isInstanceOf(RunFailedException.class)
                    .hasMessageContainingAll(target.toString(), "was created by another process", "--resume");
        }

        assertThat(target.resolve("part")).hasContent("rows");
        assertThat(target.resolve("one")).doesNotExist();
    }

    @Test
    void anOutputThatAnotherRunPublishedMeanwhileIsNotReplaced() throws IOException {
        Path target = folder.resolve("out");
        Path other = folder.resolve("other");
        publish(target);
        publish(other);
        try (OutputDirectory output = reserve(target, true)) {
            output.begin(JOB);
            write(output.table("two"));
            FileUtils.deleteDirectory(target.toFile());
            Files.move(other, target);

            assertThatThrownBy(output::publish)
                    .isInstanceOf(RunFailedException.class)
                    .hasMessageContaining("was created by another process");
        }
        assertThat(target.resolve("one/part")).hasContent("rows");
    }

    @Test
    void anOutputThatNoRunPublishedIsNotResumed() throws IOException {
        Path target = folder.resolve("out");
        write(target.resolve("one").toUri().toString());

        assertThatThrownBy(() -> reserve(target, true))
                .isInstanceOf(UsageException.class)
                .hasMessageContainingAll(target.toString(), "not the output of a run", "name another --output");
        assertThat(target.resolve("one/part")).hasContent("rows");
    }

    @Test
    void whatWasMovedAsideInPartIsPutTogetherAgain() throws IOException {
        for (boolean hasMark : new boolean[] {true, false}) {
            Path target = folder.resolve(hasMark ? "marked" : "out");
            Path staging = Files.createDirectories(folder.resolve("." + target.getFileName() + ".unfinished"));
            write(target.resolve("two").toUri().toString());
            write(staging.resolve("previous/one").toUri().toString());
            mark(hasMark ? target : staging.resolve("previous"), "earlier");
            Files.writeString(staging.resolve("publishing.json"), "{\"id\": \"later\", \"earlier\": \"earlier\"}");

            reserve(target, true).close();

            assertThat(target.resolve("one/part")).hasContent("rows");
            assertThat(target.resolve("two/part")).hasContent("rows");
            assertThat(target.resolve("_spikelet.json")).exists();
            assertThat(staging).doesNotExist();
        }
    }

    @Test
    void theOnlyCopyOfWhatWasPublishedIsNeverAdvisedToBeDeleted() throws IOException {
        Path target = folder.resolve("out");
        write(target.resolve("one").toUri().toString());
        mark(target, "another");
        write(folder.resolve(".out.unfinished/previous/two").toUri().toString());
        publishing("{\"id\": \"later\", \"earlier\": \"earlier\"}");

        assertThatThrownBy(() -> reserve(target, true))
                .isInstanceOf(UsageException.class)
                .hasMessageContainingAll("was being moved to", "previous", "keep both")
                .hasMessageNotContaining("delete");
        assertThat(target.resolve("one/part")).hasContent("rows");
        assertThat(folder.resolve(".out.unfinished/previous/two/part")).hasContent("rows");
    }

    @Test
    void aProcessThatEndsWhileFinishedWorkIsDeletedLeavesWhatIsPublished() throws IOException {
        Configuration configuration = new Configuration();
        configuration.set("fs.conditional.impl", ConditionalFileSystem.class.getName());
        for (String last : List.of("ledger", ".out.unfinished")) {
            Path target = Files.createDirectories(folder.resolve(last)).resolve("out");
            String uri = "conditional://" + target;
            OutputDirectory output = OutputDirectory.reserve(uri, List.of(), false, configuration);
            output.begin(JOB);
            commit(output);
            write(output.table("one"));
            output.publish();
            ConditionalFileSystem.beforeDeleting(last);
            try {
                assertThatThrownBy(output::close).as(last).hasStackTraceContaining("killed");
            } finally {
                ConditionalFileSystem.beforeDeleting(null);
            }
            assertThat(target.resolveSibling(".out.unfinished/published"))
                    .as("without it, the ledger would be taken for unfinished work")
                    .exists();

            OutputDirectory.reserve(uri, List.of(), true, configuration).close();

            assertThat(target.resolve("one/part")).hasContent("rows");
            assertThat(beside(target)).containsExactly(target);
        }
    }

    @Test
    void aDamagedRecordOfAMoveIsNamed() throws IOException {
        Path target = folder.resolve("out");
        publish(target);
        Files.createDirectories(folder.resolve(".out.unfinished"));
        for (String damaged : List.of("null", "[]", "{\"id\": \"cut", "")) {
            publishing(damaged);

            assertThatThrownBy(() -> reserve(target, true))
                    .as(damaged)
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining("publishing.json");
        }
        Files.writeString(target.resolve("_spikelet.json"), "null");
        Files.delete(folder.resolve(".out.unfinished/publishing.json"));
        assertThatThrownBy(() -> reserve(target, true))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("is not the output of a run");
        assertThat(target.resolve("one/part")).hasContent("rows");
    }

    private void publishing(String step) throws IOException {
        Files.writeString(folder.resolve(".out.unfinished/publishing.json"), step);
    }
}

package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.job.RunFailedException;
import io.spikelet.job.UsageException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

final class FailureTest {
    @Test
    void validationIsBadInputWithItsOwnMessage() {
        assertThat(Failure.of(new IllegalArgumentException("--top-p is 2; it must be above 0 and at most 1")))
                .isEqualTo(new Failure(ExitStatus.BAD_INPUT, "--top-p is 2; it must be above 0 and at most 1"));
        assertThat(Failure.of(new UsageException("--limit is 0; it must be at least 1")))
                .isEqualTo(new Failure(ExitStatus.BAD_INPUT, "--limit is 0; it must be at least 1"));
    }

    @Test
    void aFileThatIsMissingOrInTheWayIsBadInputAndNamesIt() {
        List<IOException> problems = List.of(
                new NoSuchFileException("model.pt"),
                new FileAlreadyExistsException("model.pt"),
                new NotDirectoryException("model.pt"),
                new DirectoryNotEmptyException("model.pt"),
                new AccessDeniedException("model.pt"),
                new FileNotFoundException("model.pt (No such file or directory)"));
        for (IOException problem : problems) {
            Failure failure = Failure.of(problem);

            assertThat(failure.status()).as(problem.toString()).isEqualTo(ExitStatus.BAD_INPUT);
            assertThat(failure.line()).contains("model.pt").hasSizeGreaterThan("model.pt".length());
        }
    }

    @Test
    void looksInsideTheWrappersOfCheckedExceptions() {
        NoSuchFileException missing = new NoSuchFileException("prompts.jsonl");

        assertThat(Failure.of(new UncheckedIOException(missing)))
                .isEqualTo(Failure.of(new ExecutionException(missing)))
                .isEqualTo(new Failure(ExitStatus.BAD_INPUT, "no such file or folder: prompts.jsonl"));
    }

    @Test
    void aMessageOfManyLinesBecomesOneLine() {
        assertThat(Failure.of(new IllegalArgumentException("missing:\n  a.weight\r\n  b.weight\n"))
                        .line())
                .isEqualTo("missing: a.weight b.weight");
    }

    @Test
    void anythingElseIsARunThatFailed() {
        assertThat(Failure.of(new IOException("No space left on device")))
                .isEqualTo(new Failure(ExitStatus.RUN_FAILED, "the run failed: IOException: No space left on device"));
        assertThat(Failure.of(new RunFailedException("a task failed four times")))
                .isEqualTo(new Failure(ExitStatus.RUN_FAILED, "the run failed: a task failed four times"));
        assertThat(Failure.of(new UncheckedIOException("cannot write part 3", new IOException("disk gone")))
                        .line())
                .isEqualTo("the run failed: cannot write part 3: IOException: disk gone");
        assertThat(Failure.of(new IllegalStateException("Job aborted.\nDriver stacktrace:\n\tat x"))
                        .line())
                .isEqualTo("the run failed: IllegalStateException: Job aborted.");
    }

    @Test
    void aDefectWithoutAMessageIsNotBadInput() {
        assertThat(Failure.of(new IllegalArgumentException()).status()).isEqualTo(ExitStatus.RUN_FAILED);
        assertThat(Failure.of(new NullPointerException()).status()).isEqualTo(ExitStatus.RUN_FAILED);
    }

    @Test
    void aMessageIsBoundedAndShowsControlCharacters() {
        Failure failure = Failure.of(new IllegalArgumentException("key \u001b[2J" + "x".repeat(5_000_000)));

        assertThat(failure.line()).hasSizeLessThan(2_000).startsWith("key \\u001b[2Jxxx");
        assertThat(Failure.of(new IllegalStateException("y".repeat(5_000_000))).line())
                .hasSizeLessThan(2_000);
    }

    @Test
    void outOfMemorySaysHowToRaiseTheLimit() {
        Failure failure = Failure.of(new OutOfMemoryError("Java heap space"));

        assertThat(failure.status()).isEqualTo(ExitStatus.RUN_FAILED);
        assertThat(failure.line())
                .contains("Java heap space", "SPIKELET_JAVA_OPTS=-Xmx")
                .doesNotContain("--batch-size");
        assertThat(Failure.of(new OutOfMemoryError("Java heap space"), true).line())
                .contains("lower --batch-size", "SPIKELET_JAVA_OPTS=-Xmx");
    }
}

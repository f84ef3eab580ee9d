package io.spikelet.job.action;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spikelet.engine.score.PrefixPolicy;
import io.spikelet.job.RunFailedException;
import io.spikelet.job.SparkTest;
import io.spikelet.job.executor.ModelLocation;
import io.spikelet.job.plan.InputSpec;
import io.spikelet.job.plan.RequestSpec;
import io.spikelet.job.sql.Confidence;
import io.spikelet.job.task.RowLimits;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rows that a file system loses between two steps of a run stop the run. */
final class RowCountTest extends SparkTest {
    private static final int ROWS = 12;
    private static final int NOTE = 100_000; // few rows, in as many bytes as need files
    private static final String SCHEME = "fs.forgetful.impl";

    private Path input;

    @BeforeEach
    void loseRows() {
        spark.sparkContext().hadoopConfiguration().set(SCHEME, ForgetfulFileSystem.class.getName());
        input = write(
                "prompts.jsonl",
                IntStream.range(0, ROWS)
                        .mapToObj(i -> "{\"id\": \"p" + i + "\", \"prompt\": \"And the LORD said unto p" + i
                                + "\", \"note\": \"" + "x".repeat(NOTE) + "\"}")
                        .toArray(String[]::new));
    }

    @AfterEach
    void loseNone() {
        ForgetfulFileSystem.forget("");
        spark.sparkContext().hadoopConfiguration().unset(SCHEME);
    }

    @Test
    void aCopyOfTheInputWithFewerRowsThanWereReadStopsTheRun() {
        assertStops("input-0", "the copy of --input " + input + " has 0 rows of " + ROWS + " that were read");
    }

    @Test
    void aPlanWithFewerRowsThanTheCopyStopsTheRun() {
        assertStops("plan", "the plan has ", " rows for " + ROWS + " wanted, so nothing was published");
    }

    @Test
    void aTableThatLacksAShardIsNotPublished() {
        assertStops("entries", "the table completions has ", " rows for " + ROWS + " wanted");
    }

    @Test
    void documentsThatAreJoinedAndOfWhichAWindowIsLostAreNotPublished() {
        assertStops(joined(), "entries", "the table window_scores has ", " wanted, so nothing was published");
    }

    @Test
    void documentsThatAreLostWhenTheyAreJoinedStopTheRun() {
        assertStops(joined(), "joined", "the plan has ", " rows for " + ROWS + " wanted, so nothing was published");
    }

    private static ModelJob joined() {
        return new PerplexityJob(new PerplexityOptions(
                List.of("llamacpp-chunk"),
                OptionalInt.of(24),
                OptionalInt.empty(),
                PrefixPolicy.AUTO,
                List.of(),
                new Confidence(0, 0),
                4,
                false));
    }

    private void assertStops(String folderWithLoss, String... message) {
        assertStops(new GenerateJob(GenerationOptions.defaults(0, 3).withMaxNewTokens(2)), folderWithLoss, message);
    }

    private void assertStops(ModelJob job, String folderWithLoss, String... message) {
        ForgetfulFileSystem.forget(folderWithLoss);

        assertThatThrownBy(() -> run(job))
                .isInstanceOf(RunFailedException.class)
                .hasMessageContainingAll(message);
        assertThat(folder.resolve("out")).doesNotExist();
    }

    private void run(ModelJob job) {
        RunArguments arguments = new RunArguments(
                job instanceof GenerateJob ? "generate" : "perplexity",
                ModelLocation.of(model()),
                new InputSpec(
                        input.toString(),
                        Optional.empty(),
                        "prompt",
                        Optional.empty(),
                        List.of(),
                        OptionalLong.empty(),
                        RequestSpec.NONE),
                "forgetful://" + folder.resolve("out"),
                OptionalInt.of(2),
                ResumePolicy.NEW,
                RowLimits.NONE,
                line -> {});
        new JobRunner(arguments, job).check().execute(spark);
    }
}

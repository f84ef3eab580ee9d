package io.spikelet.job.action;

import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.engine.score.PerplexityProtocol;
import io.spikelet.engine.score.PrefixPolicy;
import io.spikelet.job.SparkTest;
import io.spikelet.job.executor.ModelLocation;
import io.spikelet.job.plan.InputSpec;
import io.spikelet.job.sql.Confidence;
import io.spikelet.job.sql.ResultDigest;
import io.spikelet.job.task.RowLimits;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One digest of everything that both commands compute, over partitions and batches. */
final class JobDigestTest extends SparkTest {
    private Path directory;

    private static String[] lines() {
        String[] lines = IntStream.range(0, 12)
                .mapToObj(i -> "{\"id\": \"d" + (40 - i) + "\", \"group\": \"g" + i % 3
                        + "\", \"text\": \"And the LORD said unto number " + i + ", naïvely: go "
                        + "again ".repeat(i % 5)
                        + "\"}")
                .toArray(String[]::new);
        lines[3] = "{\"id\": \"empty\", \"group\": \"g0\", \"text\": \"\"}";
        lines[5] = "{\"id\": \"null\", \"group\": \"g2\", \"text\": null}";
        lines[9] = "this is no JSON";
        return lines;
    }

    @ParameterizedTest
    @ValueSource(strings = {"tiny", "tiny-bispikclm", "spikegpt-tiny"})
    void everyPartitioningAndBatchGivesOneDigest(String model) {
        directory = modelDirectory(model);
        Path input = write("docs.jsonl", lines());
        String expected = null;
        for (int partitions : new int[] {1, 2, 7}) {
            Path completions = folder.resolve("completions" + partitions);
            Path scores = folder.resolve("scores" + partitions);
            new JobRunner(request("generate", input, completions, partitions), new GenerateJob(generation(partitions)))
                    .check()
                    .execute(spark);
            new JobRunner(request("perplexity", input, scores, partitions), new PerplexityJob(scoring(partitions)))
                    .check()
                    .execute(spark);
            String digest = ResultDigest.of(table(completions, "completions")) + " "
                    + List.of("document_scores", "token_scores", "summary").stream()
                            .map(name -> ResultDigest.of(table(scores, name)))
                            .collect(Collectors.joining(" "));
            expected = expected == null ? digest : expected;
            assertThat(digest).as(partitions + " partitions").isEqualTo(expected);
        }
        System.out.println("digest of " + model
                + ", completions, document scores, token scores and summary over 1, 2 and 7 partitions: " + expected);
        assertThat(table(folder.resolve("scores2"), "document_scores").count())
                .isEqualTo(12L * PerplexityProtocol.NAMES.size());
    }

    private static GenerationOptions generation(int partitions) {
        return GenerationOptions.defaults(11, partitions + 1).withMaxNewTokens(6);
    }

    private static PerplexityOptions scoring(int partitions) {
        return new PerplexityOptions(
                PerplexityProtocol.NAMES,
                OptionalInt.of(24),
                OptionalInt.of(10),
                PrefixPolicy.AUTO,
                List.of("group"),
                new Confidence(5, 50),
                10 * partitions,
                true);
    }

    private RunRequest request(String command, Path input, Path output, int partitions) {
        return new RunRequest(
                command,
                ModelLocation.of(directory),
                new InputSpec(
                        input.toString(), Optional.empty(), "text", Optional.empty(), List.of(), OptionalLong.empty()),
                output.toString(),
                OptionalInt.of(partitions),
                ResumePolicy.NEW,
                RowLimits.NONE,
                line -> {});
    }
}

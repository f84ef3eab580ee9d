package io.spikelet.job.action;

import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.engine.score.PerplexityProtocol;
import io.spikelet.engine.score.PrefixPolicy;
import io.spikelet.job.SparkTest;
import io.spikelet.job.executor.ModelLocation;
import io.spikelet.job.plan.InputSpec;
import io.spikelet.job.plan.RequestSpec;
import io.spikelet.job.sql.Confidence;
import io.spikelet.job.task.RowLimits;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * One digest of everything that both commands compute, over partitions and batches; of some rows the one that the engine alone
 * has on every machine and with every batch.
 */
final class JobDigestTest extends SparkTest {
    private static final Path DIGEST = projectRoot().resolve("engine/src/test/resources/digest");
    private static final String OF_ENGINE = "row_id LIKE 'r-%'";

    private static final String KERNELS = "spikelet.kernels";

    private Path directory;

    @AfterEach
    void chooseKernelsByTheWork() {
        System.clearProperty(KERNELS);
    }

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
    @Tag("cluster") // six runs; the first stage has the partitions of each command, and the digests of the engine
    @ValueSource(strings = {"tiny", "tiny-w8a8", "tiny-bispikclm", "spikegpt-tiny"})
    void everyPartitioningAndBatchGivesOneDigest(String model) throws IOException, NoSuchAlgorithmException {
        directory = modelDirectory(model);
        List<String> shared = Files.readAllLines(DIGEST.resolve("rows.jsonl"));
        Path input = write(
                "docs.jsonl", Stream.concat(Stream.of(lines()), shared.stream()).toArray(String[]::new));
        String expected = null;
        for (Map.Entry<Integer, Integer> batches : new TreeMap<>(Map.of(1, 1, 2, 3, 7, 16)).entrySet()) {
            int partitions = batches.getKey();
            Path completions = folder.resolve("completions" + partitions);
            Path scores = folder.resolve("scores" + partitions);
            if (partitions == 7) {
                System.setProperty(KERNELS, "vector"); // which such short work would not wait for
            }
            new JobRunner(
                            request("generate", input, completions, partitions),
                            new GenerateJob(generation(batches.getValue())))
                    .check()
                    .execute(spark);
            new JobRunner(request("perplexity", input, scores, partitions), new PerplexityJob(scoring(partitions)))
                    .check()
                    .execute(spark);
            String digest = digest(table(completions, "completions")) + " "
                    + List.of("document_scores", "token_scores", "summary").stream()
                            .map(name -> digest(table(scores, name)))
                            .collect(Collectors.joining(" "));
            assertThat(rowDigest(completions, scores))
                    .as("rows as the engine alone has them, " + partitions + " partitions")
                    .isEqualTo(ofEngine(model));
            expected = expected == null ? digest : expected;
            assertThat(digest).as(partitions + " partitions").isEqualTo(expected);
        }
        System.out.println("digest of " + model
                + ", completions, document scores, token scores and summary over 1, 2 and 7 partitions: " + expected);
        assertThat(table(folder.resolve("scores2"), "document_scores").count())
                .isEqualTo((12L + shared.size()) * PerplexityProtocol.NAMES.size());
    }

    /** What {@code RowDigest} of the engine's tests computes without a job. */
    private static String rowDigest(Path completions, Path scores) throws NoSuchAlgorithmException {
        Map<String, String> rows = new TreeMap<>();
        for (Row row : table(completions, "completions").where(OF_ENGINE).collectAsList()) {
            String ids = row.<Integer>getList(row.fieldIndex("completion_token_ids")).stream()
                    .map(String::valueOf)
                    .collect(Collectors.joining(","));
            rows.put(row.getAs("row_id"), ids + " " + bits(row.getAs("sum_logprob")));
        }
        for (Row row : table(scores, "document_scores")
                .where(OF_ENGINE + " AND protocol = 'document'")
                .collectAsList()) {
            String score = " " + row.<Long>getAs("scored_tokens") + " " + bits(row.getAs("nll"));
            rows.merge(row.getAs("row_id"), score, String::concat);
        }
        String text = rows.entrySet().stream()
                .map(row -> row.getKey() + " " + row.getValue() + "\n")
                .collect(Collectors.joining());
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static String bits(double value) {
        return Long.toHexString(Double.doubleToRawLongBits(value));
    }

    private static String ofEngine(String model) throws IOException {
        Properties digests = new Properties();
        try (Reader in = Files.newBufferedReader(DIGEST.resolve("digests.properties"))) {
            digests.load(in);
        }
        return digests.getProperty(model);
    }

    private static GenerationOptions generation(int batch) {
        return GenerationOptions.defaults(11, batch).withMaxNewTokens(4);
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

    private RunArguments request(String command, Path input, Path output, int partitions) {
        return new RunArguments(
                command,
                ModelLocation.of(directory),
                new InputSpec(
                        input.toString(),
                        Optional.empty(),
                        "text",
                        Optional.empty(),
                        List.of(),
                        OptionalLong.empty(),
                        RequestSpec.NONE),
                output.toString(),
                OptionalInt.of(partitions),
                ResumePolicy.NEW,
                RowLimits.NONE,
                line -> {});
    }
}

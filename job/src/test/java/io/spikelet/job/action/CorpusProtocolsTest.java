package io.spikelet.job.action;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.spikelet.engine.family.Families;
import io.spikelet.engine.model.SpikingModel;
import io.spikelet.engine.score.DocumentScore;
import io.spikelet.engine.score.PerplexityProtocol;
import io.spikelet.engine.score.PrefixPolicy;
import io.spikelet.engine.score.ScoringDocument;
import io.spikelet.engine.score.TokenScorer;
import io.spikelet.job.SparkTest;
import io.spikelet.job.executor.ModelLocation;
import io.spikelet.job.plan.InputSpec;
import io.spikelet.job.plan.RequestSpec;
import io.spikelet.job.sql.Confidence;
import io.spikelet.job.task.RowLimits;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Protocols that join documents, in the job: the same numbers as on the joined string, given back to its rows. */
final class CorpusProtocolsTest extends SparkTest {
    private static final int CONTEXT = 24;
    private static final int STRIDE = 10;
    private static final List<String> JOINING = List.of("llamacpp-chunk", "hf-guide", "hf-guide-exact");

    private static String text(int i) {
        return "Number " + i + ": the whale rose, naïvely, and the boats were lowered " + "again ".repeat(i % 5);
    }

    private static String[] lines(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> "{\"id\": \"d" + (count - i) + "\", \"group\": \"g" + i % 3 + "\", \"text\": \""
                        + text(i) + "\"}")
                .toArray(String[]::new);
    }

    @Test
    void documentsWithoutTextAreJoinedAndThoseWithErrorsAreNot() {
        String[] lines = lines(14);
        lines[3] = "{\"id\": \"empty\", \"group\": \"g0\", \"text\": \"\"}";
        lines[5] = "{\"id\": \"null\", \"group\": \"g2\", \"text\": null}";
        lines[9] = "this is no JSON";
        Path output = folder.resolve("out");
        run(write("docs.jsonl", lines), output, 2, ResumePolicy.NEW, JOINING, 64);

        assertThat(rows(
                        table(output, "document_scores").where("error_class IS NOT NULL AND protocol = 'hf-guide'"),
                        "error_class"))
                .extracting(row -> row.getString(0))
                .containsExactly("malformed_row", "null_input");
        // its separator may have been scored
        assertThat(table(output, "document_scores")
                        .where("row_id = 'empty' AND error_class IS NULL")
                        .count())
                .isEqualTo(3);
    }

    @Test
    void aDocumentThatMustHaveTooManyTokensIsRefusedByEveryProtocolBeforeItIsEncoded() {
        String[] lines = lines(3);
        lines[1] = "{\"id\": \"long\", \"group\": \"g0\", \"text\": \"" + "x".repeat(100_000) + "\"}";
        Path output = folder.resolve("out");
        List<String> protocols = List.of("document", "hf-guide");
        RunArguments request =
                request(write("docs.jsonl", lines), output, 2, ResumePolicy.NEW, RowLimits.NONE.withPromptTokens(1000));
        new JobRunner(request, new PerplexityJob(options(protocols, 64)))
                .check()
                .execute(spark);

        assertThat(rows(
                        table(output, "document_scores").where("error_class IS NOT NULL"),
                        "protocol",
                        "row_id",
                        "error_class",
                        "error_message"))
                .hasSize(2)
                .allSatisfy(row -> {
                    assertThat(row.getString(1)).isEqualTo("long");
                    assertThat(row.getString(2)).isEqualTo("too_long");
                    assertThat(row.getString(3)).contains("at least", "--max-prompt-tokens allows 1000");
                });
    }

    @Test
    void rowsAddUpToTheScoreOfTheJoinedString() {
        Path output = folder.resolve("out");
        run(write("docs.jsonl", lines(12)), output, 3, ResumePolicy.NEW, JOINING, 64);

        for (String name : JOINING) {
            DocumentScore expected = score(name);
            Row sums = table(output, "document_scores")
                    .where("protocol = '" + name + "'")
                    .selectExpr(
                            "sum(scored_tokens)",
                            "sum(weight)",
                            "sum(bytes)",
                            "sum(nll)",
                            "sum(nll_squared)",
                            "sum(tokens)")
                    .head();
            assertThat(sums.getLong(0)).isEqualTo(expected.scoredTokens());
            assertThat(sums.getDouble(1)).isCloseTo(expected.weight(), within(1e-9));
            assertThat(sums.getLong(2)).isEqualTo(expected.length().bytes());
            assertThat(sums.getDouble(3)).isCloseTo(expected.nll(), within(1e-12 * expected.nll()));
            assertThat(sums.getDouble(4)).isCloseTo(expected.nllSquared(), within(1e-12 * expected.nllSquared()));
            assertThat(sums.getLong(5)).isEqualTo(expected.tokens());
            Row tokens = table(output, "token_scores")
                    .where("protocol = '" + name + "'")
                    .selectExpr("count(*)", "sum(weight * nll)", "sum(byte_end - byte_begin)", "min(byte_begin)")
                    .head();
            assertThat(tokens.getLong(0)).isEqualTo(expected.scoredTokens());
            assertThat(tokens.getDouble(1)).isCloseTo(expected.nll(), within(1e-12 * expected.nll()));
            assertThat(tokens.getLong(2)).isEqualTo(expected.length().bytes());
            assertThat(tokens.getInt(3)).isNotNegative();
            Row summary = table(output, "summary")
                    .where("protocol = '" + name + "' AND level = 'micro'")
                    .head();
            double perplexity = Math.exp(expected.nll() / expected.weight());
            assertThat(summary.<Double>getAs("perplexity")).isCloseTo(perplexity, within(1e-12 * perplexity));
            assertThat(summary.<Long>getAs("words")).isNull();
        }
    }

    /** The engine on the string that the rows are joined to. */
    private static DocumentScore score(String name) {
        PerplexityProtocol protocol = PerplexityProtocol.parse(name, CONTEXT, STRIDE);
        String joined = IntStream.range(0, 12)
                .mapToObj(CorpusProtocolsTest::text)
                .collect(Collectors.joining(protocol.separator().orElseThrow()));
        try (SpikingModel model = SpikingModel.open(model(), Families.all());
                TokenScorer scorer = new TokenScorer(
                        model,
                        model.tokenizer().orElseThrow(),
                        List.of(protocol),
                        new TokenScorer.Options(32, false))) {
            return scorer.score(List.of(new ScoringDocument("all", joined)).iterator())
                    .next()
                    .scores()
                    .getFirst();
        }
    }

    @Test
    @Tag("cluster") // four runs
    void aGrownCorpusIsScoredWhereItIsNew() {
        List<String> protocols = List.of("document", "llamacpp-chunk", "hf-guide");
        ResumePolicy resume = ResumePolicy.RESUME;
        Path input = write("docs.jsonl", lines(20));
        String[] few = Arrays.copyOf(lines(20), 12);
        write("docs.jsonl", few);
        Path output = folder.resolve("out");
        RunResult first = run(input, output, 2, ResumePolicy.NEW, protocols, 64);
        write("docs.jsonl", lines(20));

        RunResult second = run(input, output, 3, resume, protocols, 32);
        RunResult fresh = run(input, folder.resolve("fresh"), 2, ResumePolicy.NEW, protocols, 64);

        assertThat(second.digest()).isEqualTo(fresh.digest()).isNotEqualTo(first.digest());
        for (String name : List.of("token_scores", "summary")) {
            assertThat(digest(table(output, name))).as(name).isEqualTo(digest(table(folder.resolve("fresh"), name)));
        }
        String isNew = "run_id = '" + second.runId() + "'";
        assertThat(table(output, "document_scores")
                        .where(isNew + " AND protocol = 'document'")
                        .count())
                .isEqualTo(8);
        long windows = table(output, "window_scores").count();
        assertThat(windows)
                .isEqualTo(table(folder.resolve("fresh"), "window_scores").count());
        long newWindows = table(output, "window_scores").where(isNew).count();
        assertThat(newWindows).isBetween(1L, windows / 2);
    }

    @Test
    void aStringThatIsTooShortIsAnErrorInEveryRow() {
        Path output = folder.resolve("out");
        RunResult result = run(
                write("docs.jsonl", "{\"text\": \"short\"}", "{\"text\": \"text\"}"),
                output,
                1,
                ResumePolicy.NEW,
                List.of("llamacpp-chunk", "block"),
                64);

        assertThat(result.errors()).containsExactly(Map.entry("too_short", 2L));
        assertThat(rows(table(output, "document_scores").where("error_class IS NOT NULL"), "error_message"))
                .allSatisfy(row -> assertThat(row.getString(0)).contains("together", "llamacpp-chunk", "--context 24"));
    }

    private static RunResult run(
            Path input, Path output, int partitions, ResumePolicy durability, List<String> protocols, int batchSize) {
        RunArguments request = request(input, output, partitions, durability, RowLimits.NONE);
        return new JobRunner(request, new PerplexityJob(options(protocols, batchSize)))
                .check()
                .execute(spark);
    }

    private static PerplexityOptions options(List<String> protocols, int batchSize) {
        return new PerplexityOptions(
                protocols,
                OptionalInt.of(CONTEXT),
                OptionalInt.of(STRIDE),
                PrefixPolicy.AUTO,
                List.of(),
                new Confidence(5, 50),
                batchSize,
                true);
    }

    private static RunArguments request(
            Path input, Path output, int partitions, ResumePolicy durability, RowLimits limits) {
        return new RunArguments(
                "perplexity",
                ModelLocation.of(model()),
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
                durability,
                limits,
                line -> {});
    }
}

package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.spikelet.job.SparkTest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.api.Test;

/** The options that {@code perplexity}, {@code compare} and {@code choice} have for themselves, each by what it does. */
final class ScoringOptionsTest extends SparkTest {
    private static final String[] DOCUMENTS = {
        document("a", "psalm", "\"hill\"", "The LORD is my shepherd; I shall not want, for he is in the valley."),
        document("b", "psalm", "\"hill\"", "He maketh me to lie down in green pastures, beside the still waters."),
        document("c", "psalm", "\"sea\"", "They that go down to the sea in ships, that do business in great waters."),
        document("d", "novel", "\"sea\"", "Call me Ishmael. Some years ago, never mind how long precisely."),
        document("e", "novel", "\"sea\"", "The whale rose, and the boats were lowered into the quiet sea at once."),
        document("f", "novel", "null", "It is a way I have of driving off the spleen and regulating the blood."),
    };

    @Test
    void perplexityTakesItsWindowItsPrefixItsGroupsAndItsBootstrap() throws IOException {
        Path input = write("in.jsonl", DOCUMENTS);
        String[] changed = {"--context", "16", "--stride", "4", "--prefix", "none", "--bootstrap", "60"};
        Path base = run("perplexity", input, "base", "--bootstrap", "0");
        Path windows = run(
                "perplexity",
                input,
                "windows",
                and(changed, "--seed", "3", "--group-by", "kind,place", "--emit-tokens"));
        Path seed = run("perplexity", input, "seed", and(changed, "--seed", "4", "--batch-size", "7"));

        String[] window = {"context", "stride", "prefix_token"};
        assertThat(rows(table(base, "document_scores"), window).stream().distinct())
                .containsExactly(RowFactory.create(256, 128, 1));
        assertThat(rows(table(windows, "document_scores"), window).stream().distinct())
                .containsExactly(RowFactory.create(16, 4, null));
        assertThat(sum(windows, "document_scores", "scored_tokens"))
                .as("without a prefix the first token of each is not scored")
                .isEqualTo(sum(base, "document_scores", "scored_tokens") - DOCUMENTS.length)
                .isEqualTo(table(windows, "token_scores").count());
        assertThat(rows(table(seed, "document_scores"), "row_id", "nll"))
                .isEqualTo(rows(table(windows, "document_scores"), "row_id", "nll"))
                .isNotEqualTo(rows(table(base, "document_scores"), "row_id", "nll"));
        assertThat(bootstrapError(base)).isNull();
        assertThat(bootstrapError(windows)).isPositive().isNotEqualTo(bootstrapError(seed));
        assertThat(configuration(windows).get("bootstrap").asInt()).isEqualTo(60);
        assertThat(configuration(seed).get("batch-size").asInt()).isEqualTo(7);
        requireGroups(windows);
    }

    @Test
    void aFinishedOutputThatIsResumedWithOtherGroupsHasASummaryOfThese() throws IOException {
        Path input = write("in.jsonl", DOCUMENTS);
        run("perplexity", input, "out", "--group-by", "kind", "--bootstrap", "0");
        Path output = run("perplexity", input, "out", "--group-by", "place", "--bootstrap", "20", "--resume");

        assertThat(table(output, "summary").columns()).contains("place").doesNotContain("kind");
        assertThat(bootstrapError(output)).isPositive();
        assertThat(table(output, "document_scores").count()).isEqualTo(DOCUMENTS.length);
        assertThat(table(output, "runs").count()).isEqualTo(2);
    }

    /** A row for every pair of values, with an interval where there are several documents. */
    private static void requireGroups(Path output) {
        List<Row> groups = rows(
                table(output, "summary").where("level = 'group'"),
                "kind",
                "place",
                "documents",
                "nll",
                "scored_tokens",
                "perplexity",
                "perplexity_low",
                "perplexity_high");
        assertThat(groups.stream().map(row -> row.get(0) + " " + row.get(1) + " " + row.get(2)))
                .containsExactly("novel null 1", "novel sea 2", "psalm hill 2", "psalm sea 1");
        for (Row group : groups) {
            double perplexity = group.getDouble(5);
            assertThat(perplexity).isCloseTo(Math.exp(group.getDouble(3) / group.getLong(4)), within(1e-9));
            if (group.getLong(2) == 1) {
                assertThat(group.isNullAt(6) && group.isNullAt(7)).isTrue();
            } else {
                assertThat(perplexity).isBetween(group.getDouble(6), group.getDouble(7));
                assertThat(group.getDouble(6)).isLessThan(group.getDouble(7));
            }
        }
        assertThat(table(output, "summary").where("level <> 'group'").count()).isEqualTo(2);
    }

    @Test
    void compareTakesItsBaselineAndItsWindow() throws IOException {
        Path input = write("in.jsonl", DOCUMENTS);
        Object[] whole = {"--ablate", "prior", "--baseline", model(), "--protocol", "block", "--context", "16"};
        Object[] same = {
            "--ablate", "prior", "--baseline", model(), "--baseline-ablate", "prior", "--context", "16", "--stride", "1"
        };
        Path base = run("compare", input, "base", whole);
        Path equal = run(
                "compare",
                input,
                "equal",
                Stream.concat(Stream.of(same), Stream.of("--batch-size", "5")).toArray());

        String table = "document_comparisons";
        assertThat(sum(base, table, "abs(nll - baseline_nll)")).isPositive();
        assertThat(sum(equal, table, "abs(nll - baseline_nll)")).isZero();
        assertThat(rows(table(base, table), "protocol").getFirst().getString(0)).isEqualTo("block");
        assertThat(rows(table(equal, table), "protocol").getFirst().getString(0))
                .isEqualTo("document");
        assertThat(sum(equal, table, "nll"))
                .as("a context that is longer than that of blocks")
                .isLessThan(sum(base, table, "nll"));
        JsonNode recorded = configuration(equal);
        assertThat(recorded.get("context").asInt()).isEqualTo(16);
        assertThat(recorded.get("stride").asInt()).isEqualTo(1);
        assertThat(recorded.get("batch-size").asInt()).isEqualTo(5);
        assertThat(recorded.get("baseline-ablate").asText()).isEqualTo("prior");
    }

    @Test
    void choiceTakesItsContextItsPrefixAndItsGroups() throws IOException {
        Path input = projectRoot().resolve("datasets/choice/piqa.jsonl");
        Path base = run("choice", input, "base", "--task", "piqa");
        Object[] changed = {"--task", "piqa", "--prefix", "every", "--context", "12", "--group-by", "label"};
        Path other = run(
                "choice",
                input,
                "other",
                Stream.concat(Stream.of(changed), Stream.of("--batch-size", "9"))
                        .toArray());

        assertThat(table(base, "choice_scores").head().<String>getAs("prefix")).isEqualTo("empty");
        assertThat(table(other, "choice_scores").head().<String>getAs("prefix")).isEqualTo("every");
        assertThat(sum(other, "choice_scores", "decoded_tokens"))
                .as("contexts without their beginning")
                .isLessThan(sum(base, "choice_scores", "decoded_tokens"));
        assertThat(rows(table(other, "choice_summary").where("level = 'group'"), "label").stream()
                        .map(row -> row.get(0).toString()))
                .containsExactly("0", "1");
        assertThat(table(base, "choice_summary").where("level = 'group'").count())
                .isZero();
        assertThat(configuration(other).get("batch-size").asInt()).isEqualTo(9);
    }

    @Test
    void choiceTakesItsExamplesFromTheSplitOfTheTaskOrTheGivenOne() throws IOException {
        Path input = projectRoot().resolve("datasets/choice/piqa.jsonl");
        Path other = write(
                "other.jsonl",
                "{\"goal\": \"To dry a wet coat,\", \"sol1\": \"hang it up.\", \"sol2\": \"fold it.\", \"label\": 0}");
        Path three = run("choice", input, "three", "--task", "piqa", "--num-fewshot", "3");
        Path seed = run("choice", input, "seed", "--task", "piqa", "--num-fewshot", "3", "--fewshot-seed", "5");
        Path given = run(
                "choice", input, "given", "--task", "piqa", "--num-fewshot", "1", "--fewshot-split", other.toString());

        assertThat(examples(three).split("\n\n"))
                .hasSize(3)
                .allMatch(example -> example.startsWith("Question: ") && example.contains("\nAnswer: "));
        assertThat(examples(seed)).isNotEqualTo(examples(three));
        assertThat(examples(given)).isEqualTo("Question: To dry a wet coat,\nAnswer: hang it up.\n\n");
        assertThat(configuration(three).get("fewshot-split").asText()).isEqualTo("train/piqa.jsonl");
        assertThat(configuration(three).get("fewshot-seed").asInt()).isEqualTo(1234);
        Invocation resumed = Invocation.of(
                "choice",
                "--model",
                model(),
                "--input",
                input,
                "--output",
                three,
                "--task",
                "piqa",
                "--num-fewshot",
                "3",
                "--fewshot-seed",
                "5",
                "--resume");
        MainTest.assertRefused(resumed, "was done differently", "fewshot-seed: 1234 → 5");
    }

    private static String examples(Path output) throws IOException {
        return new ObjectMapper()
                .readTree(table(output, "runs").head().<String>getAs("fingerprint"))
                .get("fewshot-examples")
                .asText();
    }

    private static Double bootstrapError(Path output) {
        return table(output, "summary").where("level = 'micro'").head().getAs("bootstrap_error");
    }

    private Path run(String command, Path input, String name, Object... more) {
        Path output = folder.resolve(name);
        Invocation invocation = Invocation.of(Stream.concat(
                        Stream.of(command, "--model", model(), "--input", input, "--output", output), Stream.of(more))
                .toArray());
        assertThat(invocation.status()).as(invocation.err()).isZero();
        return output;
    }

    private static Object[] and(String[] some, String... more) {
        return Stream.concat(Stream.of(some), Stream.of(more)).toArray();
    }

    private static double sum(Path output, String table, String expression) {
        return table(output, table)
                .selectExpr("CAST(sum(" + expression + ") AS DOUBLE)")
                .head()
                .getDouble(0);
    }

    private static JsonNode configuration(Path output) throws IOException {
        return new ObjectMapper().readTree(table(output, "runs").head().<String>getAs("configuration"));
    }

    private static String document(String id, String kind, String place, String text) {
        return "{\"id\": \"" + id + "\", \"kind\": \"" + kind + "\", \"place\": " + place + ", \"text\": \"" + text
                + "\"}";
    }
}

package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.spikelet.job.SparkTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

/** The Spark commands through the command line: exit statuses, and what goes to which stream. */
final class SparkCommandsTest extends SparkTest {
    private static final String GOOD =
            "{\"id\": \"a\", \"prompt\": \"And the LORD\", \"text\": \"And the LORD said.\"}";
    private static final String BAD = "{\"id\": \"b\", \"prompt\": null, \"text\": null}";

    @Test
    void sqlCutsTextsUnlessTheyAreWantedWhole() {
        String query = "SELECT repeat('ab', 100) AS text";

        assertThat(Invocation.of("sql", query).out().lines().toList().get(2))
                .hasSize(80)
                .endsWith("a…");
        assertThat(Invocation.of("sql", "--max-width", "12", query).out()).contains("\nabababababa…\n");
        assertThat(Invocation.of("sql", "--max-width", "0", query).out()).contains("\n" + "ab".repeat(100) + "\n");
        MainTest.assertRefused(Invocation.of("sql", "--max-width", "-1", query), "--max-width is -1");
    }

    @Test
    void quietLeavesResultsAndErrors() {
        String query = "SELECT id FROM range(1001)";
        Invocation loud = Invocation.of("sql", query);
        Invocation quiet = Invocation.of("sql", "--quiet", query);

        assertThat(loud.err()).contains("only the first 1000 rows are shown");
        assertThat(quiet.err()).isEmpty();
        assertThat(quiet.out()).isEqualTo(loud.out()).contains("999");
        assertThat(Invocation.of("sql", "--quiet", "SELECT nothing").err()).startsWith("spikelet: SQL: ");
    }

    @Test
    void generatesAndAnswersAQuestionAboutIt() throws Exception {
        Path output = folder.resolve("out");

        Invocation generate = generate(write("in.jsonl", GOOD, BAD), output);
        assertThat(generate.status()).as(generate.err()).isZero();
        assertThat(generate.out()).isEmpty();
        assertThat(generate.err().lines())
                .last()
                .asString()
                .contains("2 rows", "1 failed (1 null_input)", output.toString());

        Invocation sql = Invocation.of(
                "sql",
                "--results",
                output,
                "--format",
                "json",
                "SELECT row_id, finish_reason FROM completions ORDER BY 1");
        assertThat(sql.status()).as(sql.err()).isZero();
        assertThat(sql.err()).isEmpty();
        assertThat(sql.out().lines()).hasSize(2);
        assertThat(new ObjectMapper()
                        .readTree(sql.out().lines().toList().get(1))
                        .get("finish_reason")
                        .asText())
                .isEqualTo("error");
    }

    @Test
    void everySamplingOptionReachesTheRun() throws Exception {
        Path output = folder.resolve("out");
        Invocation generate = generate(
                write("in.jsonl", GOOD),
                output,
                "--sampler",
                "194m",
                "--temperature",
                "0.5",
                "--top-k",
                "7",
                "--top-p",
                "0.6",
                "--repetition-penalty",
                "1.2",
                "--no-adaptive-temperature",
                "--no-token-logprobs",
                "--seed",
                "42",
                "--batch-size",
                "2",
                "--limit",
                "1");

        assertThat(generate.status()).as(generate.err()).isZero();
        JsonNode configuration =
                new ObjectMapper().readTree(table(output, "runs").head().<String>getAs("configuration"));
        assertThat(configuration.get("sampler").asText()).isEqualTo("194m");
        assertThat(configuration.get("temperature").floatValue()).isEqualTo(0.5f);
        assertThat(configuration.get("top-k").asInt()).isEqualTo(7);
        assertThat(configuration.get("top-p").floatValue()).isEqualTo(0.6f);
        assertThat(configuration.get("repetition-penalty").floatValue()).isEqualTo(1.2f);
        assertThat(configuration.get("adaptive-temperature").asBoolean()).isFalse();
        assertThat(configuration.get("seed").asLong()).isEqualTo(42);
        assertThat(configuration.get("batch-size").asInt()).isEqualTo(2);
        assertThat(configuration.get("limit").asLong()).isEqualTo(1);
        Row row = table(output, "completions").head();
        assertThat(row.<Object>getAs("token_logprobs")).isNull();
        assertThat(row.<Long>getAs("seed")).isEqualTo(42);
    }

    @Test
    void tokenScoresAreOneFileWithShardsAndAfterAResume() throws Exception {
        String[] lines = new String[9];
        for (int i = 0; i < lines.length; i++) {
            lines[i] = "{\"id\": \"d" + i + "\", \"text\": \"And the LORD said unto d" + i + ".\"}";
        }
        Path output = folder.resolve("out");
        for (int rows : new int[] {5, 9}) {
            Path input = write("in.jsonl", Arrays.copyOf(lines, rows));
            Invocation scored = Invocation.of(
                    "perplexity",
                    "--model",
                    model(),
                    "--input",
                    input,
                    "--output",
                    output,
                    "--emit-tokens",
                    "--resume",
                    "--partitions",
                    "3");
            assertThat(scored.status()).as(scored.err()).isZero();

            try (Stream<Path> files = Files.list(output.resolve("token_scores"))) {
                assertThat(files.filter(file -> file.toString().endsWith(".parquet")))
                        .hasSize(1);
            }
            assertThat(table(output, "token_scores").count())
                    .isEqualTo(table(output, "document_scores")
                            .selectExpr("sum(scored_tokens)")
                            .head()
                            .getLong(0));
        }
    }

    @Test
    void printsTheSummaryOfAPerplexity() {
        Invocation perplexity = Invocation.of(
                "perplexity",
                "--model",
                model(),
                "--input",
                write("in.jsonl", GOOD, BAD),
                "--drop-columns",
                "prompt",
                "--protocol",
                "document,block",
                "--output",
                folder.resolve("out"));

        assertThat(perplexity.status()).as(perplexity.err()).isZero();
        assertThat(perplexity.out().lines()).hasSize(4);
        assertThat(perplexity.out()).contains("protocol", "perplexity", "document", "block", "micro");
        assertThat(perplexity.err()).contains("4 rows", "2 failed");
    }

    @Test
    void moreErrorsThanAllowedGiveStatusOneAndTheTables() {
        Path input = write("in.jsonl", GOOD, BAD);
        Path output = folder.resolve("out");

        Invocation strict = generate(input, output, "--max-errors", "0");

        assertThat(strict.status()).isEqualTo(ExitStatus.ROWS_FAILED);
        assertThat(strict.err()).contains("1 of 2 rows failed; --max-errors allows 0");
        assertThat(table(output, "completions").count()).isEqualTo(2);
        assertThat(generate(input, folder.resolve("lenient"), "--max-errors", "1")
                        .status())
                .isZero();
    }

    @Test
    void aRunInWhichEveryRowFailsIsNoSuccess() {
        Invocation hopeless = generate(write("in.jsonl", BAD), folder.resolve("out"));

        assertThat(hopeless.status()).isEqualTo(ExitStatus.ROWS_FAILED);
    }

    @Test
    void badInputIsOneLineAndStatusTwo() throws Exception {
        Path input = write("in.jsonl", GOOD);
        Path output = folder.resolve("out");
        Path existing = Files.createDirectory(folder.resolve("existing"));
        Path notParquet = write("in.parquet", "not parquet");

        assertRefused(generate(folder.resolve("none.jsonl"), output), "none.jsonl", "does not exist");
        assertRefused(generate(input, existing), existing.toString(), "exists");
        assertRefused(generate(input, output, "--prompt-column", "question"), "question", "prompt");
        assertRefused(generate(input, output, "--id-column", "key"), "key", "--id-column");
        assertRefused(generate(input, output, "--temperature", "0"), "--temperature is 0.0", "above 0");
        assertRefused(generate(input, output, "--sampler", "best"), "best", "greedy");
        assertRefused(generate(input, output, "--partitions", "0"), "--partitions is 0");
        assertRefused(generate(input, output, "--batch-size", "-1"), "--batch-size is -1");
        assertRefused(generate(input, output, "--limit", "0"), "--limit is 0");
        assertRefused(generate(input, output, "--master", "loco"), "--master is loco", "local[*]");
        assertRefused(generate(notParquet, output), "in.parquet");
        assertRefused(generate(input, output, "--format", "xml"), "--format is xml");
        assertThat(output).doesNotExist();
    }

    @Test
    void anOutputThatIsADanglingLinkOrInTheInputThroughALinkIsRefusedBeforeWork() throws Exception {
        Path input = write("in/in.jsonl", GOOD).getParent();
        Path dangling = Files.createSymbolicLink(folder.resolve("dangling"), folder.resolve("nowhere"));
        Path link = Files.createSymbolicLink(folder.resolve("link"), input);

        assertRefused(generate(input, dangling), dangling + " is a link to nothing");
        assertRefused(generate(input, dangling, "--resume"), dangling + " is a link to nothing");
        assertRefused(generate(input, link.resolve("out")), "lies inside --input");
        assertRefused(generate(link, input.resolve("out")), "lies inside --input");
        try (Stream<Path> files = Files.list(input)) {
            assertThat(files).hasSize(1);
        }
        assertThat(folder.resolve(".dangling.unfinished")).doesNotExist();
    }

    @Test
    void aModelThatIsNotOneIsRefused() throws Exception {
        Path input = write("in.jsonl", GOOD);
        Path copy = Files.createDirectory(folder.resolve("model"));
        for (String name : new String[] {"manifest.json", "weights.bin", "tokenizer.model"}) {
            Files.copy(model().resolve(name), copy.resolve(name));
        }
        Files.write(copy.resolve("tokenizer.model"), new byte[] {1, 2, 3});

        assertRefused(
                Invocation.of("generate", "--model", folder, "--input", input, "--output", folder.resolve("out")),
                "not a model directory");
        assertRefused(
                Invocation.of("generate", "--model", copy, "--input", input, "--output", folder.resolve("out")),
                "tokenizer.model",
                "SHA-256");
    }

    @Test
    void theDemoShowsCompletionsScoresAndAnAnswer() {
        Path output = folder.resolve("demo");

        Invocation demo = Invocation.of("demo", "--output", output);

        assertThat(demo.status()).as(demo.err()).isZero();
        assertThat(demo.out())
                .contains("27 prompts completed", "[sea-01]", "18 documents scored", "macro", "own_perplexity");
        assertThat(table(output, "generate/completions")
                        .where("error_class IS NULL")
                        .count())
                .isEqualTo(27);
        assertThat(table(output, "perplexity/document_scores").count()).isEqualTo(18);
        assertRefused(Invocation.of("demo", "--output", output), output.toString(), "exists");
    }

    @Test
    void wrongSqlIsOneLineAndStatusTwo() {
        writeThing();

        assertRefused(Invocation.of("sql", "--results", folder.resolve("none"), "SELECT 1"), "none");
        assertRefused(Invocation.of("sql", "--results", folder, "SELECT x FROM nothing"), "SQL: ", "nothing");
        assertRefused(Invocation.of("sql", "--results", folder, "SELEC"), "SQL: ");
        assertRefused(Invocation.of("sql", "--results", folder, "--format", "xml", "SELECT 1"), "--format is xml");
    }

    private void writeThing() {
        spark.sql("SELECT 1 AS id").write().parquet(folder.resolve("things").toString());
    }

    private static Invocation generate(Path input, Path output, String... more) {
        Object[] fixed = {"generate", "--model", model(), "--input", input, "--output", output, "--max-new-tokens", "3"
        };
        Object[] args = new Object[fixed.length + more.length];
        System.arraycopy(fixed, 0, args, 0, fixed.length);
        System.arraycopy(more, 0, args, fixed.length, more.length);
        return Invocation.of(args);
    }

    private static void assertRefused(Invocation invocation, String... parts) {
        MainTest.assertRefused(invocation, parts);
    }
}

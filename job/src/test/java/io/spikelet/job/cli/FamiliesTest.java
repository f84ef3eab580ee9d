package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.spikelet.engine.family.Families;
import io.spikelet.engine.model.SpikingModel;
import io.spikelet.engine.token.Tokenizer;
import io.spikelet.job.SparkTest;
import io.spikelet.job.library.Generation;
import io.spikelet.job.library.Scoring;
import io.spikelet.job.library.Spikelet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The whole job with the bundled model of every family: prompts, documents, multiple choice, reports, questions and the
 * library; and two models of one family compared.
 */
final class FamiliesTest extends SparkTest {
    private static final String[] ROWS = {
        "{\"id\": \"a\", \"prompt\": \"And the LORD said unto\", \"text\": \"And the LORD said unto Moses, Go.\"}",
        "{\"id\": \"b\", \"prompt\": \"Call me\", \"text\": \"Call me Ishmael. The whale swam on, naïvely.\"}",
        "{\"id\": \"c\", \"prompt\": null, \"text\": null}"
    };

    private static final String ESTIMATE = "an estimate at 45 nm and not a measurement";

    private static final String ITEM =
            "{\"id\": \"p\", \"goal\": \"To see where you walk in a dark cellar,\", \"sol1\":"
                    + " \"light a lantern.\", \"sol2\": \"close both eyes.\", \"label\": 0}";

    @ParameterizedTest
    @CsvSource({"tiny-bispikclm, bispikclm, integer-stream", "spikegpt-tiny, spikegpt, train-binary"})
    void promptsDocumentsItemsAndQuestions(String name, String family, String variant) throws Exception {
        assertEverythingWorks(name, family, variant);
    }

    @Test
    @Tag("cluster") // nearly all tests of the first stage use this model
    void promptsDocumentsItemsAndQuestionsOfTheFirstFamily() throws Exception {
        assertEverythingWorks("tiny", "symboliclight", "0.8b");
    }

    private void assertEverythingWorks(String name, String family, String variant) throws Exception {
        Path model = modelDirectory(name);
        Path input = write("rows.jsonl", ROWS);

        Path completions = folder.resolve("completions");
        run("generate", "--model", model, "--input", input, "--output", completions, "--max-new-tokens", "4");
        List<Row> made = rows(table(completions, "completions"), "row_id", "completion", "error_class");
        assertThat(made).hasSize(3);
        assertThat(made.get(0).getString(1)).isNotBlank();
        assertThat(made.get(2).getString(2)).isEqualTo("null_input");
        assertThat(table(completions, "runs").head().<String>getAs("model_family"))
                .isEqualTo(family);
        assertThat(table(completions, "runs").head().<String>getAs("model_variant"))
                .isEqualTo(variant);
        assertThat(report(completions)).contains("a token of prompt and completion", ESTIMATE);

        Path scores = folder.resolve("scores");
        run("perplexity", "--model", model, "--input", input, "--output", scores, "--emit-tokens");
        List<Row> scored = rows(table(scores, "document_scores"), "row_id", "scored_tokens", "nll");
        assertThat(report(scores)).contains("a token of a document", ESTIMATE, "dense transformer", "</html>");
        assertThat(scored).hasSize(3);
        assertThat(scored.get(0).<Number>getAs(1).intValue()).isPositive();
        assertThat(scored.get(0).<Double>getAs(2)).isPositive();

        Path choices = folder.resolve("choices");
        Path items = write("piqa.jsonl", ITEM);
        run(
                "choice",
                "--model",
                model,
                "--input",
                items,
                "--task",
                projectRoot().resolve("conf/tasks/piqa.yaml"),
                "--output",
                choices);
        Row choice = table(choices, "choice_scores").head();
        assertThat(table(choices, "choice_scores").count()).isEqualTo(1);
        assertThat(choice.<Double>getAs("energy_microjoules")).isPositive();
        double dense = 4.6e-6 * choice.<Long>getAs("dense_multiply_adds");
        assertThat(choice.<Double>getAs("dense_energy_microjoules")).isCloseTo(dense, within(1e-9 * dense));
        assertThat(report(choices)).contains("an item", ESTIMATE);

        Invocation sql = Invocation.of(
                "sql",
                "--results",
                scores,
                "--format",
                "json",
                "SELECT count(*) AS tokens FROM token_scores WHERE row_id = 'a'");
        assertThat(sql.status()).as(sql.err()).isZero();
        JsonNode answer = new ObjectMapper().readTree(sql.out());
        assertThat(answer.get("tokens").intValue())
                .isEqualTo(scored.get(0).<Number>getAs(1).intValue());

        Spikelet library = Spikelet.open(model.toString());
        Dataset<Row> texts = spark.read().json(input.toString());
        String[] completed = {"row_id", "completion_token_ids", "sum_logprob", "error_class"};
        assertThat(rows(
                        library.generate(
                                texts,
                                Generation.ofColumn("prompt").idColumn("id").maxNewTokens(4)),
                        completed))
                .isEqualTo(rows(table(completions, "completions"), completed));
        String[] measured = {"row_id", "scored_tokens", "nll", "error_class"};
        assertThat(rows(library.score(texts, Scoring.ofColumn("text").idColumn("id")), measured))
                .isEqualTo(rows(table(scores, "document_scores"), measured));

        assertThat(Invocation.of("inspect", "--verify", model).status()).isZero();
    }

    /** A sampler has defaults of its own on the command line too; trials that continue each other are another setting of a run. */
    @Test
    void theSamplerOfAProgramBringsItsDefaultsAndItsTrials() throws Exception {
        Path model = modelDirectory("spikegpt-tiny");
        Path input = write("rows.jsonl", ROWS[0]);
        List<List<Object>> seen = new ArrayList<>();
        for (String sampler : List.of("spikegpt-run", "spikegpt-run-trials")) {
            Path output = folder.resolve(sampler);
            run(
                    "generate",
                    "--model",
                    model,
                    "--input",
                    input,
                    "--output",
                    output,
                    "--sampler",
                    sampler,
                    "--samples",
                    "2",
                    "--max-new-tokens",
                    "12");
            assertThat(rows(
                            table(output, "runs")
                                    .selectExpr(
                                            "get_json_object(configuration, '$.sampler') AS sampler",
                                            "get_json_object(configuration, '$.temperature') AS temperature",
                                            "get_json_object(configuration, '$.top-k') AS k",
                                            "get_json_object(configuration, '$.top-p') AS p"),
                            "sampler",
                            "temperature",
                            "k",
                            "p"))
                    .singleElement()
                    .hasToString("[" + sampler + ",1.5,0,0.7]");
            seen.add(rows(table(output, "completions"), "sample_index", "completion").stream()
                    .map(row -> row.get(1))
                    .toList());
        }
        assertThat(seen.get(1).get(0)).isEqualTo(seen.get(0).get(0));
        assertThat(seen.get(1).get(1)).isNotEqualTo(seen.get(0).get(1));
        Invocation other = Invocation.of(
                "generate",
                "--model",
                modelDirectory("tiny"),
                "--input",
                input,
                "--output",
                folder.resolve("refused"),
                "--sampler",
                "spikegpt-run-trials");
        assertThat(other.status()).isEqualTo(ExitStatus.BAD_INPUT);
        assertThat(other.err()).contains("whose trials continue each other");
    }

    /** A family with a context that ends: its own float32 model, whose tokenizer lies beside the checkpoint. */
    @Test
    void theTrainedModelInFloat32AndInInt8() throws Exception {
        Path checkpoint = projectRoot().resolveSibling("shared").resolve("models/tiny-bispikclm/checkpoint.pt");
        assumeTrue(Files.exists(checkpoint), "the float32 checkpoint is not at " + checkpoint);
        Path model = modelDirectory("tiny-bispikclm");
        Path floats = folder.resolve("fp32");
        Invocation convert =
                Invocation.of("convert", "--checkpoint", checkpoint, "--weights", "fp32", "--output", floats);
        assertThat(convert.status()).as(convert.err()).isZero();
        assertThat(convert.out()).contains("tokenizer: vocab.json and merges.txt beside the checkpoint, 4096 ids");
        Path input = write("rows.jsonl", ROWS);

        Path output = folder.resolve("compared");
        run("compare", "--model", model, "--baseline", floats, "--input", input, "--output", output);

        List<Row> compared = table(output, "document_comparisons")
                .where("error_class IS NULL")
                .orderBy("row_id")
                .collectAsList();
        assertThat(compared).hasSize(2);
        for (Row row : compared) {
            assertThat(row.<Double>getAs("kl_divergence")).isPositive();
            double nll = row.getAs("nll");
            assertThat(row.<Double>getAs("baseline_nll")).isNotEqualTo(nll).isCloseTo(nll, within(0.1 * nll));
            assertThat(row.<Long>getAs("baseline_dense_multiply_adds"))
                    .isEqualTo(row.<Long>getAs("dense_multiply_adds"))
                    .isPositive();
            assertThat(row.<Double>getAs("baseline_energy_microjoules")).isPositive();
            assertThat(row.<Double>getAs("energy_microjoules")).isPositive();
        }
        assertThat(report(output)).contains("a scored token", "a scored token under the baseline", ESTIMATE);
    }

    @Test
    void textsAreTokenizedByTheModelsOwnFiles() throws Exception {
        Path model = modelDirectory("tiny-bispikclm");
        ObjectMapper json = new ObjectMapper();
        String[] texts = {"Call me Ishmael.", "", " two  spaces\n", "naïve 😀</s>"};
        Path input = folder.resolve("texts.json");
        json.writeValue(input.toFile(), texts);
        List<int[][]> found = new ArrayList<>();
        for (Path tokenizer : List.of(model, model.resolve("vocab.json"))) {
            Path output = folder.resolve("ids.json");
            Invocation tokenize =
                    Invocation.of("tokenize", "--tokenizer", tokenizer, "--texts", input, "--output", output);
            assertThat(tokenize).isEqualTo(new Invocation(ExitStatus.DONE, "", ""));
            found.add(json.readValue(output.toFile(), int[][].class));
        }
        assertThat(found.getFirst()).isDeepEqualTo(found.getLast());
        try (SpikingModel opened = SpikingModel.open(model, Families.all())) {
            Tokenizer own = opened.tokenizer().orElseThrow();
            for (int i = 0; i < texts.length; i++) {
                assertThat(found.getFirst()[i]).isEqualTo(own.encode(texts[i])).doesNotContain(own.bosId());
                assertThat(own.decode(found.getFirst()[i])).isEqualTo(texts[i]);
            }
        }
    }

    private String report(Path results) throws IOException {
        Path page = folder.resolve("report.html");
        Invocation report = Invocation.of("report", results, "-o", page);
        assertThat(report.status()).as(report.err()).isZero();
        String html = Files.readString(page);
        Files.delete(page);
        return html;
    }

    private static void run(Object... arguments) {
        Invocation run = Invocation.of(arguments);
        assertThat(run.status()).as(run.err()).isZero();
    }
}

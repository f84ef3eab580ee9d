package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.spikelet.job.SparkTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Row;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The whole job with the bundled model of every family: prompts, documents, multiple choice, a report and questions. */
final class FamiliesTest extends SparkTest {
    private static final String[] ROWS = {
        "{\"id\": \"a\", \"prompt\": \"And the LORD said unto\", \"text\": \"And the LORD said unto Moses, Go.\"}",
        "{\"id\": \"b\", \"prompt\": \"Call me\", \"text\": \"Call me Ishmael. The whale swam on, naïvely.\"}",
        "{\"id\": \"c\", \"prompt\": null, \"text\": null}"
    };

    private static final String ITEM =
            "{\"id\": \"p\", \"goal\": \"To see where you walk in a dark cellar,\", \"sol1\":"
                    + " \"light a lantern.\", \"sol2\": \"close both eyes.\", \"label\": 0}";

    @ParameterizedTest
    @ValueSource(strings = {"tiny", "tiny-bispikclm", "spikegpt-tiny"})
    void promptsDocumentsItemsAndQuestions(String name) throws Exception {
        Path model = modelDirectory(name);
        Path input = write("rows.jsonl", ROWS);

        Path completions = folder.resolve("completions");
        run("generate", "--model", model, "--input", input, "--output", completions, "--max-new-tokens", "4");
        List<Row> made = rows(table(completions, "completions"), "row_id", "completion", "error_class");
        assertThat(made).hasSize(3);
        assertThat(made.get(0).getString(1)).isNotBlank();
        assertThat(made.get(2).getString(2)).isEqualTo("null_input");

        Path scores = folder.resolve("scores");
        run("perplexity", "--model", model, "--input", input, "--output", scores, "--emit-tokens");
        List<Row> scored = rows(table(scores, "document_scores"), "row_id", "scored_tokens", "nll");
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
        assertThat(table(choices, "choice_scores").count()).isEqualTo(1);

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

        Path page = folder.resolve("report.html");
        Invocation report = Invocation.of("report", scores, "-o", page);
        assertThat(report.status()).as(report.err()).isZero();
        assertThat(Files.readString(page)).contains("an estimate at 45 nm", "dense transformer", "</html>");
        assertThat(Invocation.of("inspect", "--verify", model).status()).isZero();
    }

    private static void run(Object... arguments) {
        Invocation run = Invocation.of(arguments);
        assertThat(run.status()).as(run.err()).isZero();
    }
}

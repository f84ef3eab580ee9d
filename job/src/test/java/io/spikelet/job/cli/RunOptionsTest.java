package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.job.SparkTest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The options that every command over a data set has, each by what it does to the tables. */
final class RunOptionsTest extends SparkTest {
    private static final String TASK = """
            name: own
            description: texts as they are
            text: body
            context: "{body}"
            choices: ["{one}", "{two}"]
            answer: {column: label, from: 0}
            """;

    static Stream<Arguments> commands() {
        return Stream.of(
                Arguments.of("generate", "completions", List.of("--prompt-column", "body", "--max-new-tokens", "2")),
                Arguments.of("perplexity", "document_scores", List.of("--text-column", "body", "--batch-size", "4")),
                Arguments.of("choice", "choice_scores", List.of("--task", "own.yaml", "--batch-size", "4")),
                Arguments.of(
                        "compare",
                        "document_comparisons",
                        List.of("--text-column", "body", "--batch-size", "4", "--baseline", model())));
    }

    @ParameterizedTest
    @MethodSource("commands")
    void optionsOfRowsLimitsAndResumptionHoldForEveryCommand(String command, String name, List<Object> own) {
        Path input = write("rows.data", rows()); // no extension tells the format
        Path output = folder.resolve("out");
        List<Object> words = new ArrayList<>(List.of(command, "--model", model(), "--input", input));
        words.addAll(List.of("--output", output, "--format", "jsonl", "--id-column", "key"));
        words.addAll(List.of("--drop-columns", "secret,note", "--limit", "4", "--max-row-bytes", "3000"));
        words.addAll(List.of("--partitions", "2", "--max-prompt-tokens", "40"));
        own.forEach(word -> words.add(word.equals("own.yaml") ? write("own.yaml", TASK) : word));

        Invocation hasty = run(words, "--row-timeout", "1e-9", "--max-errors", "100%");
        assertThat(hasty.status()).as(hasty.err()).isEqualTo(ExitStatus.DONE);
        assertThat(errors(table(output, name))).containsExactly("timeout", "too_long");

        Invocation retried = run(words, "--retry-failed");
        assertThat(retried.status()).as(retried.err()).isEqualTo(ExitStatus.DONE);
        Dataset<Row> table = table(output, name);
        assertThat(errors(table)).containsExactly("too_long");
        assertThat(rows(table, "row_id")).extracting(row -> row.getString(0)).containsExactly("k0", "k1", "k2", "k3");
        assertThat(table.columns()).contains("kind").doesNotContain("secret", "note", "key");
        Row run = table(output, "runs")
                .selectExpr(
                        "partitions",
                        "aggregate(executors.shards, 0L, (sum, shards) -> sum + shards)",
                        "get_json_object(configuration, '$.max-row-bytes')")
                .head();
        assertThat(run.getInt(0)).as("shards").isEqualTo(2);
        assertThat(run.getLong(1)).as("shards of all executors").isEqualTo(2);
        assertThat(run.getString(2)).isEqualTo("3000");
    }

    private static List<String> errors(Dataset<Row> table) {
        return table
                .where("error_class IS NOT NULL")
                .select("error_class")
                .distinct()
                .orderBy("error_class")
                .collectAsList()
                .stream()
                .map(row -> row.getString(0))
                .toList();
    }

    private static Invocation run(List<Object> words, Object... more) {
        return Invocation.of(Stream.concat(words.stream(), Stream.of(more)).toArray());
    }

    /** Six rows, of which the second is too long. */
    private static String[] rows() {
        String[] rows = new String[6];
        for (int i = 0; i < rows.length; i++) {
            String body = i == 1 ? "whale ".repeat(50) : "And the LORD said unto " + i + ", Go";
            rows[i] = "{\"key\": \"k" + i + "\", \"body\": \"" + body
                    + "\", \"one\": \" and he went.\", \"two\": \" xyz\","
                    + " \"label\": 0, \"kind\": \"a\", \"secret\": \"s\", \"note\": \"n\"}";
        }
        return rows;
    }
}

package io.spikelet.job.action;

import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.sum;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.spikelet.engine.score.PrefixPolicy;
import io.spikelet.job.SparkTest;
import io.spikelet.job.UsageException;
import io.spikelet.job.executor.ModelLocation;
import io.spikelet.job.plan.InputSpec;
import io.spikelet.job.plan.RequestSpec;
import io.spikelet.job.schema.Tables;
import io.spikelet.job.sql.Confidence;
import io.spikelet.job.task.RowLimits;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

final class PerplexityActionTest extends SparkTest {
    private static final String[] DOCUMENTS = {
        "{\"id\": \"a1\", \"group\": \"sea\", \"text\": \"Call me Ishmael. Some years ago I went to sea.\"}",
        "{\"id\": \"a2\", \"group\": \"sea\", \"text\": \"The whale rose, and the boats were lowered.\"}",
        "{\"id\": \"a3\", \"group\": \"sea\", \"text\": null}",
        "{\"id\": \"b1\", \"group\": \"scripture\", \"text\": \"And God said, Let there be light.\"}",
        "{\"id\": \"b2\", \"group\": \"scripture\", \"text\": \"In the beginning was the Word.\"}",
        "{\"id\": \"b3\", \"group\": \"scripture\", \"text\": \"\"}",
        "{\"id\": \"c1\", \"group\": null, \"text\": \"I recommend the subject to Congress, and I am sure of your care.\"}",
    };

    @Test
    void theSameBitsWithOneTwoAndSevenPartitions() {
        Path input = write("docs.jsonl", DOCUMENTS);
        List<List<Row>> scores = new ArrayList<>();
        List<List<Row>> summaries = new ArrayList<>();
        for (int partitions : new int[] {1, 2, 7}) {
            Path output = folder.resolve("out" + partitions);
            run(input, output, partitions, options("document", "block"));
            scores.add(rows(
                    table(output, "document_scores"),
                    columns(Tables.DOCUMENT_SCORES_COLUMNS.fieldNames(), "row_id", "protocol")));
            summaries.add(rows(
                    table(output, "summary"),
                    columns(table(output, "summary").columns(), "protocol", "level", "group")));
        }

        assertThat(scores.get(0)).hasSize(14).isEqualTo(scores.get(1)).isEqualTo(scores.get(2));
        assertThat(summaries.get(0)).hasSize(10).isEqualTo(summaries.get(1)).isEqualTo(summaries.get(2));
    }

    @Test
    void summarizesGroupsMicroAndMacro() {
        Path output = folder.resolve("out");
        RunResult result = run(write("docs.jsonl", DOCUMENTS), output, 2, options("document"));

        assertThat(result.rows()).isEqualTo(7);
        assertThat(result.errors()).containsOnlyKeys("null_input", "empty_input");
        Dataset<Row> summary = table(output, "summary");
        Row micro = summary.where("level = 'micro'").head();
        Row expected = table(output, "document_scores")
                .selectExpr(
                        "count(nll)",
                        "sum(scored_tokens)",
                        "exp(sum(nll) / sum(scored_tokens))",
                        "sum(nll) / sum(bytes) / ln(2)",
                        "exp(sum(nll) / sum(words))")
                .head();
        assertThat(micro.<Long>getAs("documents")).isEqualTo(5).isEqualTo(expected.getLong(0));
        assertThat(micro.<Long>getAs("scored_tokens")).isEqualTo(expected.getLong(1));
        assertClose(micro.getAs("perplexity"), expected.getDouble(2));
        assertClose(micro.getAs("bits_per_byte"), expected.getDouble(3));
        assertClose(micro.getAs("word_perplexity"), expected.getDouble(4));
        assertThat(micro.<Double>getAs("standard_error")).isPositive();

        List<Row> groups = summary.where("level = 'group'").collectAsList();
        assertThat(groups)
                .extracting(row -> row.<String>getAs("group"))
                .containsExactlyInAnyOrder("sea", "scripture", null);
        double mean = groups.stream()
                .mapToDouble(row -> row.<Double>getAs("perplexity"))
                .average()
                .orElseThrow();
        Row macro = summary.where("level = 'macro'").head();
        assertClose(macro.getAs("perplexity"), mean);
        assertThat(macro.<Long>getAs("documents")).isEqualTo(5);
        // The group of one document has no error, so the mean has none.
        assertThat(macro.<Double>getAs("standard_error")).isNull();
        assertThat(output.resolve("token_scores")).doesNotExist();
    }

    @Test
    void emitsAScoreForEveryToken() {
        Path output = folder.resolve("out");
        run(
                write("docs.jsonl", DOCUMENTS),
                output,
                2,
                new PerplexityOptions(
                        List.of("document"),
                        OptionalInt.of(8),
                        OptionalInt.of(4),
                        PrefixPolicy.AUTO,
                        List.of(),
                        Confidence.DEFAULT,
                        16,
                        true));

        List<Row> sums = table(output, "token_scores")
                .groupBy("row_id")
                .agg(count("nll"), sum("nll"), min("rank"))
                .orderBy("row_id")
                .collectAsList();
        List<Row> documents =
                rows(table(output, "document_scores").where("error_class IS NULL"), "row_id", "scored_tokens", "nll");
        assertThat(sums).hasSize(5);
        for (int i = 0; i < sums.size(); i++) {
            assertThat(sums.get(i).getLong(1)).isEqualTo(documents.get(i).getLong(1));
            assertClose(sums.get(i).getDouble(2), documents.get(i).getDouble(2));
            assertThat(sums.get(i).getInt(3)).isPositive();
        }
        assertThat(Files.exists(output.resolve("scored"))).isFalse();
        assertThat(table(output, "summary").select("level").collectAsList())
                .extracting(row -> row.getString(0))
                .containsExactly("micro");
    }

    @Test
    void spikesOfEveryLayerJoinTheNllInSql() {
        Path output = folder.resolve("out");
        run(write("docs.jsonl", DOCUMENTS), output, 2, options("document"));
        table(output, "document_scores").createOrReplaceTempView("telemetry");

        List<Row> layers = spark.sql("""
                        SELECT layer, count(*), avg(rate), min(rate), max(rate), corr(rate, nll / scored_tokens)
                        FROM (SELECT posexplode(arrays_zip(ffn_firing_rate_by_layer, block_firing_rate_by_layer))
                                  AS (layer, rates), rates.ffn_firing_rate_by_layer AS rate, nll, scored_tokens
                              FROM telemetry WHERE error_class IS NULL)
                        GROUP BY layer ORDER BY layer""").collectAsList();

        Row means = spark.sql("SELECT avg(ffn_firing_rate), avg(encoder_firing_rate) FROM telemetry")
                .head();
        assertThat(layers)
                .hasSize(spark.sql("SELECT max(size(block_firing_rate_by_layer)) FROM telemetry")
                        .head()
                        .getInt(0));
        double mean = 0;
        for (Row layer : layers) {
            assertThat(layer.getLong(1)).isEqualTo(5);
            assertThat(layer.getDouble(3)).isPositive().isLessThan(layer.getDouble(4));
            assertThat(layer.getDouble(5)).isBetween(-1.0, 1.0);
            mean += layer.getDouble(2) / layers.size();
        }
        assertClose(mean, means.getDouble(0));
        assertThat(means.getDouble(1)).isPositive();
    }

    @Test
    void wrongOptionsAreRefusedBeforeSparkStarts() {
        Path input = write("docs.jsonl", DOCUMENTS);

        assertRefused(input, options("nonsense"), "nonsense", "document, block");
        assertRefused(input, options("block", "block"), "twice");
        assertRefused(
                input,
                new PerplexityOptions(
                        List.of("document"),
                        OptionalInt.of(1),
                        OptionalInt.empty(),
                        PrefixPolicy.AUTO,
                        List.of(),
                        Confidence.DEFAULT,
                        64,
                        false),
                "--context is 1");
        assertRefused(
                input,
                new PerplexityOptions(
                        List.of("document"),
                        OptionalInt.empty(),
                        OptionalInt.empty(),
                        PrefixPolicy.AUTO,
                        List.of(),
                        Confidence.DEFAULT,
                        0,
                        false),
                "--batch-size is 0");
    }

    @Test
    void aGroupColumnThatIsNotThereIsRefused() {
        Path input = write("docs.jsonl", DOCUMENTS);
        PerplexityOptions options = new PerplexityOptions(
                List.of("document"),
                OptionalInt.empty(),
                OptionalInt.empty(),
                PrefixPolicy.AUTO,
                List.of("genre"),
                Confidence.DEFAULT,
                64,
                false);

        assertThatThrownBy(() -> run(input, folder.resolve("out"), 1, options))
                .isInstanceOf(UsageException.class)
                .hasMessageContainingAll("--group-by genre", "group");
        assertThat(folder.resolve("out")).doesNotExist();
    }

    private void assertRefused(Path input, PerplexityOptions options, String... parts) {
        JobRunner action = new JobRunner(request(input, folder.resolve("out"), 1), new PerplexityJob(options));

        assertThatThrownBy(action::check)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(parts);
    }

    private static void assertClose(double actual, double expected) {
        assertThat(actual).isCloseTo(expected, within(1e-12 * expected));
    }

    private static PerplexityOptions options(String... protocols) {
        return new PerplexityOptions(
                List.of(protocols),
                OptionalInt.empty(),
                OptionalInt.empty(),
                PrefixPolicy.AUTO,
                List.of("group"),
                Confidence.DEFAULT,
                64,
                false);
    }

    private static RunResult run(Path input, Path output, int partitions, PerplexityOptions options) {
        return new JobRunner(request(input, output, partitions), new PerplexityJob(options))
                .check()
                .execute(spark);
    }

    private static RunArguments request(Path input, Path output, int partitions) {
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
                ResumePolicy.NEW,
                RowLimits.NONE,
                line -> {});
    }

    /** All columns but the run id, some of them first. */
    private static String[] columns(String[] all, String... first) {
        Stream<String> others = Stream.of(all)
                .filter(name -> !name.equals("run_id") && !List.of(first).contains(name));
        return Stream.concat(Stream.of(first), others).toArray(String[]::new);
    }
}

package io.spikelet.job.library;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spikelet.engine.model.Ablation;
import io.spikelet.engine.score.PrefixPolicy;
import io.spikelet.job.SparkTest;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The options of the library beside those of the commands: the same rows. */
final class LibraryOptionsTest extends SparkTest {
    private Spikelet spikelet;
    private Path input;

    /** Eight rows of four prompts, one of which is too long. */
    @BeforeEach
    void open() {
        spikelet = Spikelet.open(model().toString());
        input = folder.resolve("questions.parquet");
        spark.sql("SELECT 'q' || id AS id, IF(id % 4 = 3, repeat('whale ', 60), 'And the LORD said unto ' || (id % 4))"
                        + " AS question, IF(id % 4 = 1, 1.5D, NULL) AS temperature, 'n' AS note, id % 3 AS number"
                        + " FROM range(8)")
                .repartition(3)
                .write()
                .parquet(input.toString());
    }

    @Test
    void everyOptionOfGenerateGivesTheRowsOfTheCommand() {
        command(
                ("generate --id-column id --drop-columns note --samples 3 --deduplicate --override-columns temperature"
                                + " --max-prompt-tokens 60 --sampler 194m --max-new-tokens 7 --min-new-tokens 2"
                                + " --temperature 0.9 --no-adaptive-temperature --top-k 20 --top-p 0.95 --min-p 0.01"
                                + " --repetition-penalty 1.2 --presence-penalty 0.1 --frequency-penalty 0.2 --stop ea"
                                + " --stop-ids 300,301 --banned-ids 400 --seed 4 --no-token-logprobs --top-logprobs 2"
                                + " --prompt-logprobs --template")
                        .split(" "),
                "Q: {question} {number}\\nA:");

        Dataset<Row> completions = spikelet.generate(
                spark.read().parquet(input.toString()),
                Generation.ofTemplate("Q: {question} {number}\nA:")
                        .idColumn("id")
                        .dropColumns("note")
                        .samples(3)
                        .deduplicate()
                        .overrideColumns("temperature")
                        .maxPromptTokens(60)
                        .sampler("194m")
                        .maxNewTokens(7)
                        .minNewTokens(2)
                        .temperature(0.9f)
                        .adaptiveTemperature(false)
                        .topK(20)
                        .topP(0.95f)
                        .minP(0.01f)
                        .repetitionPenalty(1.2f)
                        .presencePenalty(0.1f)
                        .frequencyPenalty(0.2f)
                        .stop("ea")
                        .stopIds(300, 301)
                        .bannedIds(400)
                        .seed(4)
                        .tokenLogprobs(false)
                        .topLogprobs(2)
                        .promptLogprobs()
                        .partitions(3));

        Dataset<Row> table = table(folder.resolve("out"), "completions");
        assertThat(completions.columns()).containsExactly(table.drop("run_id").columns());
        assertThat(digest(completions)).isEqualTo(digest(table));
        assertThat(completions.where("error_class = 'too_long'").count()).isEqualTo(6);
    }

    @Test
    @Tag("cluster") // a query for each option
    void everyOptionChangesTheRows() {
        Dataset<Row> prompts = spark.sql("SELECT 'a' AS id, 'And the LORD said unto' AS prompt, 1.9D AS temperature");
        List<Generation> changed = List.of(
                plain().topK(3).stop("e").minNewTokens(8),
                plain().topK(3).stop("e"),
                plain().adaptiveTemperature(false),
                plain().minP(0.5f),
                plain().presencePenalty(-2),
                plain().frequencyPenalty(-1.5f),
                plain().stopIds(first(prompts)),
                plain().bannedIds(first(prompts)),
                plain().sampler("greedy"),
                plain().tokenLogprobs(false),
                plain().topLogprobs(1),
                plain().promptLogprobs(),
                plain().overrideColumns("temperature"),
                plain().samples(2),
                plain().deduplicate(),
                plain().dropColumns("temperature"),
                plain().maxPromptTokens(2),
                plain().rowTimeout(1e-9),
                Generation.ofTemplate("{prompt} {prompt}").maxNewTokens(8));
        Stream<String> digests =
                Stream.concat(Stream.of(plain()), changed.stream()).map(how -> digest(spikelet.generate(prompts, how)));

        assertThat(digests).doesNotHaveDuplicates();
    }

    @Test
    void scoresAndTheirSummaryAreThoseOfTheCommand() {
        command(("perplexity --text-column question --drop-columns note --group-by number --bootstrap 50 --seed 3"
                        + " --protocol document,block --context 24 --stride 8 --prefix none --max-prompt-tokens 60"
                        + " --batch-size 5 --ablate prior")
                .split(" "));
        Scoring how = Scoring.ofColumn("question")
                .dropColumns("note")
                .groupBy("number")
                .bootstrap(50, 3)
                .protocols("document", "block")
                .context(24)
                .stride(8)
                .prefix(PrefixPolicy.NONE)
                .maxPromptTokens(60)
                .batchSize(9);

        Dataset<Row> scores = Spikelet.open(spark, model().toString(), Set.of(new Ablation("prior")))
                .score(spark.read().parquet(input.toString()), how)
                .persist();

        assertThat(digest(scores))
                .isEqualTo(digest(table(folder.resolve("out"), "document_scores")))
                .isNotEqualTo(digest(spikelet.score(spark.read().parquet(input.toString()), how)));
        Dataset<Row> summary = Spikelet.summarize(scores, how);
        assertThat(rows(summary, summary.columns()))
                .hasSize(2 * (3 + 2))
                .isEqualTo(rows(table(folder.resolve("out"), "summary"), summary.columns()));
        scores.unpersist();
        assertThatThrownBy(() ->
                        Spikelet.summarize(scores, Scoring.ofColumn("question").groupBy("colour")))
                .hasMessageContaining("--group-by colour");
        assertThat(spikelet.score(
                                spark.read().parquet(input.toString()),
                                Scoring.ofColumn("question").batchSize(1).rowTimeout(1e-9))
                        .where("error_class = 'timeout'")
                        .count())
                .isEqualTo(8);
    }

    @Test
    void aSqlFunctionTakesTheOptionsOfARow() {
        spikelet.registerFunctions(
                Generation.ofColumn("prompt").maxNewTokens(3).sampler("greedy"),
                Scoring.ofColumn("text").protocols("block").context(8));
        String prompt = "'And the LORD said unto'";

        Row row = spark.sql("SELECT spikelet_complete(" + prompt + "), spikelet_complete_with(" + prompt + ", NULL),"
                        + " spikelet_complete_with(" + prompt + ", to_json(named_struct('max_new_tokens', 9))),"
                        + " spikelet_complete_with('', '{}'), spikelet_complete_with(NULL, '{}'), spikelet_nll("
                        + prompt
                        + ")")
                .head();

        assertThat(row.getString(1)).isEqualTo(row.getString(0));
        assertThat(row.getString(2)).startsWith(row.getString(0)).isNotEqualTo(row.getString(0));
        assertThat(row.isNullAt(3) && row.isNullAt(4)).isTrue();
        Dataset<Row> text = spark.sql("SELECT " + prompt + " AS text");
        assertThat(row.getDouble(5))
                .isEqualTo(spikelet.score(
                                text,
                                Scoring.ofColumn("text").protocols("block").context(8))
                        .head()
                        .<Double>getAs("nll"));
        for (String wrong : List.of("{\"heat\": 1}", "{\"top_p\": 2}", "nonsense")) {
            assertThatThrownBy(() -> spark.sql("SELECT spikelet_complete_with(text, '" + wrong
                                    + "') FROM VALUES ('And')" + " AS t(text)")
                            .head())
                    .as(wrong)
                    .hasStackTraceContaining(wrong.contains("heat") ? "no option has this name" : "IllegalArgument");
        }
    }

    @Test
    void namesThatAreNoneAreErrorsBeforeAnythingRuns() {
        Dataset<Row> prompts = spark.read().parquet(input.toString());

        assertThatThrownBy(() -> Generation.ofColumn("question").sampler("best"))
                .hasMessageContaining(
                        "--sampler is best; it must be one of 0.8b, 0.8b-april, 194m, spikegpt-run, spikegpt-run-trials, greedy, plain");
        assertThatThrownBy(() -> Generation.ofTemplate("the same")).hasMessageContaining("names no column");
        assertThatThrownBy(() -> spikelet.generate(prompts, Generation.ofTemplate("{answer}")))
                .hasMessageContaining("no column answer (the template)");
        assertThatThrownBy(() -> spikelet.generate(
                        prompts, Generation.ofColumn("question").overrideColumns("heat")))
                .hasMessageContaining("--override-columns has heat");
        assertThatThrownBy(() -> spikelet.generate(
                        prompts, Generation.ofColumn("question").samples(0)))
                .hasMessageContaining("--samples is 0");
        assertThatThrownBy(() -> spikelet.generate(
                        prompts, Generation.ofColumn("question").topLogprobs(1000)))
                .hasMessageContaining("--top-logprobs is 1000");
    }

    private static Generation plain() {
        return Generation.ofColumn("prompt").maxNewTokens(8);
    }

    /** The second token of the plain completion. */
    private int first(Dataset<Row> prompts) {
        Row row = spikelet.generate(prompts, plain()).head();
        return row.<Integer>getList(row.fieldIndex("completion_token_ids")).get(1);
    }

    /** Runs a command with the bundled model on the input, into the folder {@code out}. */
    private void command(String[] words, String... more) {
        Stream<String> fixed = Stream.of(
                "--model",
                model().toString(),
                "--input",
                input.toString(),
                "--output",
                folder.resolve("out").toString());
        io.spikelet.job.cli.Main.main(Stream.concat(Stream.of(words), Stream.concat(Stream.of(more), fixed))
                .toArray(String[]::new));
    }
}

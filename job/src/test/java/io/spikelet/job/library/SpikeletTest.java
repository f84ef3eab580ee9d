package io.spikelet.job.library;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.spikelet.engine.family.Families;
import io.spikelet.engine.model.CommonSampler;
import io.spikelet.engine.model.SpikingModel;
import io.spikelet.engine.score.PrefixPolicy;
import io.spikelet.job.SparkTest;
import io.spikelet.job.UsageException;
import io.spikelet.job.action.GenerateJob;
import io.spikelet.job.action.GenerationOptions;
import io.spikelet.job.action.JobRunner;
import io.spikelet.job.action.PerplexityJob;
import io.spikelet.job.action.PerplexityOptions;
import io.spikelet.job.action.ResumePolicy;
import io.spikelet.job.action.RunArguments;
import io.spikelet.job.executor.ModelLocation;
import io.spikelet.job.plan.InputSpec;
import io.spikelet.job.plan.RequestSpec;
import io.spikelet.job.sql.Confidence;
import io.spikelet.job.task.RowLimits;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.TimeoutException;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

final class SpikeletTest extends SparkTest {
    private Spikelet spikelet;

    @BeforeEach
    void open() {
        spikelet = Spikelet.open(model().toString());
    }

    @Test
    void completesAsTheCommandDoesToTheBit() {
        Path input = texts("prompt");
        new JobRunner(
                        request("generate", input, "prompt"),
                        new GenerateJob(GenerationOptions.defaults(11, 3).withMaxNewTokens(6)))
                .check()
                .execute(spark);

        Dataset<Row> completions = spikelet.generate(
                spark.read().parquet(input.toString()),
                Generation.ofColumn("prompt")
                        .maxNewTokens(6)
                        .seed(11)
                        .batchSize(2)
                        .partitions(5));

        assertThat(completions.count()).isEqualTo(14);
        assertThat(completions.where("error_class IS NULL").count()).isEqualTo(12);
        assertThat(digest(completions)).isEqualTo(digest(table(folder.resolve("out"), "completions")));
    }

    @Test
    void scoresAsTheCommandDoesToTheBit() {
        Path input = texts("text");
        new JobRunner(
                        request("perplexity", input, "text"),
                        new PerplexityJob(new PerplexityOptions(
                                List.of("document", "block"),
                                OptionalInt.of(32),
                                OptionalInt.of(8),
                                PrefixPolicy.AUTO,
                                List.of("mood"),
                                Confidence.DEFAULT,
                                64,
                                true)))
                .check()
                .execute(spark);

        Dataset<Row> scores = spikelet.score(
                spark.read().parquet(input.toString()),
                Scoring.ofColumn("text")
                        .protocols("document", "block")
                        .context(32)
                        .stride(8)
                        .tokens());

        assertThat(digest(scores.drop("token_scores")))
                .isEqualTo(digest(table(folder.resolve("out"), "document_scores")));
        Dataset<Row> tokens = scores.selectExpr("row_id", "protocol", "inline(token_scores)");
        assertThat(digest(tokens)).isEqualTo(digest(table(folder.resolve("out"), "token_scores")));
    }

    @Test
    void idsThatAreMadeUpDifferFromAllThatAreGiven() {
        Dataset<Row> prompts = spark.sql("SELECT * FROM VALUES ('a', 'x'), ('a', 'y'), ('a-2', 'z') AS t(id, prompt)");

        List<Row> completions =
                rows(spikelet.generate(prompts, Generation.ofColumn("prompt").maxNewTokens(1)), "row_id", "prompt");

        assertThat(completions)
                .extracting(row -> row.getString(0))
                .doesNotHaveDuplicates()
                .contains("a");
        assertThat(completions).contains(RowFactory.create("a-2", "z"));
    }

    @Test
    @Tag("cluster") // a query for each option
    void everyOptionOfAGenerationReachesTheSampler() {
        Dataset<Row> prompts = spark.read().parquet(texts("prompt").toString()).limit(4);
        String plain = digest(prompts, Generation.ofColumn("prompt"));

        assertThat(digest(prompts, Generation.ofColumn("prompt"))).isEqualTo(plain);
        assertThat(List.of(
                        digest(prompts, Generation.ofColumn("prompt").sampler(CommonSampler.GREEDY)),
                        digest(prompts, Generation.ofColumn("prompt").maxNewTokens(3)),
                        digest(prompts, Generation.ofColumn("prompt").temperature(3f)),
                        digest(prompts, Generation.ofColumn("prompt").topK(2)),
                        digest(prompts, Generation.ofColumn("prompt").topP(0.5f)),
                        digest(prompts, Generation.ofColumn("prompt").repetitionPenalty(50f)),
                        digest(prompts, Generation.ofColumn("prompt").idColumn("mood")),
                        digest(prompts, Generation.ofColumn("prompt").seed(5))))
                .doesNotContain(plain)
                .doesNotHaveDuplicates();
    }

    @Test
    void nothingIsComputedBeforeAnAction() throws TimeoutException {
        Dataset<Row> prompts = spark.read().parquet(texts("prompt").toString());
        List<Integer> jobs = new ArrayList<>();
        SparkListener listener = new SparkListener() {
            @Override
            public void onJobStart(SparkListenerJobStart start) {
                jobs.add(start.jobId());
            }
        };
        spark.sparkContext().addSparkListener(listener);
        try {
            Dataset<Row> completions = spikelet.generate(prompts, Generation.ofColumn("prompt"));
            spikelet.score(prompts, Scoring.ofColumn("prompt"));
            spark.sparkContext().listenerBus().waitUntilEmpty();

            assertThat(completions.columns()).startsWith("row_id", "prompt").endsWith("mood");
            assertThat(jobs).isEmpty();
        } finally {
            spark.sparkContext().removeSparkListener(listener);
        }
    }

    @Test
    void furtherRowsOfAnIdGetANumber() {
        Dataset<Row> prompts = spark.sql("SELECT 'a' AS id, text FROM VALUES ('And'), ('The'), ('Lord') AS t(text)");

        assertThat(rows(spikelet.generate(prompts, Generation.ofColumn("text").maxNewTokens(1)), "row_id"))
                .extracting(row -> row.getString(0))
                .containsExactly("a", "a-2", "a-3");
    }

    @Test
    void sqlFunctionsGiveWhatTheDatasetsGive() {
        spikelet.registerFunctions(Generation.ofColumn("prompt").maxNewTokens(4).sampler(CommonSampler.GREEDY));
        Dataset<Row> texts = spark.read().parquet(texts("prompt").toString());
        texts.createOrReplaceTempView("texts");

        List<Row> answers = spark.sql("SELECT prompt, spikelet_complete(prompt), spikelet_nll(prompt) FROM texts")
                .collectAsList();

        assertThat(answers)
                .containsExactlyInAnyOrderElementsOf(spikelet.generate(
                                texts,
                                Generation.ofColumn("prompt").maxNewTokens(4).sampler(CommonSampler.GREEDY))
                        .select("row_id", "prompt", "completion")
                        .join(spikelet.score(texts, Scoring.ofColumn("prompt")).select("row_id", "nll"), "row_id")
                        .drop("row_id")
                        .collectAsList());
    }

    @Test
    void sqlFunctionsWorkInAggregatesFiltersAndConstants() {
        spikelet.registerFunctions();
        int[] ids;
        try (SpikingModel model = SpikingModel.open(model(), Families.all())) {
            ids = model.tokenizer().orElseThrow().encode("And the LORD said");
        }

        Row constants = spark.sql(
                        "SELECT spikelet_tokens('And the LORD said'), spikelet_nll('And the LORD said'), spikelet_nll('')")
                .head();

        assertThat(constants.<Integer>getList(0))
                .containsExactlyElementsOf(Arrays.stream(ids).boxed().toList());
        assertThat(constants.getDouble(1)).isPositive();
        assertThat(constants.isNullAt(2)).isTrue();
        Row sums = spark.sql("SELECT sum(spikelet_nll(text)), max(size(spikelet_tokens(text)))"
                        + " FROM VALUES ('And the LORD said'), ('And the LORD said') AS t(text)"
                        + " WHERE spikelet_complete(text) IS NOT NULL")
                .head();
        assertThat(sums.getDouble(0)).isCloseTo(2 * constants.getDouble(1), within(1e-9));
        assertThat(sums.getInt(1)).isEqualTo(ids.length);
    }

    @Test
    void saysWhatIsWrongBeforeAnythingRuns() {
        Dataset<Row> prompts = spark.read().parquet(texts("prompt").toString());

        assertThatThrownBy(() -> spikelet.generate(prompts, Generation.ofColumn("promt")))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("no column promt (the text column); its columns are id, prompt, mood");
        assertThatThrownBy(() ->
                        spikelet.generate(prompts, Generation.ofColumn("prompt").temperature(-1f)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("temperature");
        assertThatThrownBy(() -> Generation.ofColumn("prompt").partitions(0))
                .hasMessage("partitions is 0; it must be at least 1");
        assertThatThrownBy(() -> Spikelet.open(folder.toString()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("manifest.json");
    }

    private String digest(Dataset<Row> prompts, Generation how) {
        return digest(spikelet.generate(prompts, how).select("prompt", "completion_token_ids", "sum_logprob"));
    }

    /** 14 rows as a Parquet file, the last two of which give errors. */
    private Path texts(String column) {
        StructType schema = new StructType()
                .add("id", DataTypes.StringType)
                .add(column, DataTypes.StringType)
                .add("mood", DataTypes.StringType);
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            rows.add(RowFactory.create("r" + i, "And the LORD said unto " + "x".repeat(i), "mood " + i % 3));
        }
        rows.add(RowFactory.create("null", null, "mood 0"));
        rows.add(RowFactory.create("empty", "", "mood 1"));
        Path file = folder.resolve("texts.parquet");
        spark.createDataFrame(rows, schema).repartition(3).write().parquet(file.toString());
        return file;
    }

    private RunArguments request(String command, Path input, String column) {
        return new RunArguments(
                command,
                ModelLocation.of(model()),
                new InputSpec(
                        input.toString(),
                        Optional.empty(),
                        column,
                        Optional.empty(),
                        List.of(),
                        OptionalLong.empty(),
                        RequestSpec.NONE),
                folder.resolve("out").toString(),
                OptionalInt.of(3),
                ResumePolicy.NEW,
                RowLimits.NONE,
                line -> {});
    }
}

package io.spikelet.job.action;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.udf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spikelet.engine.score.PrefixPolicy;
import io.spikelet.job.SparkTest;
import io.spikelet.job.executor.ModelHandle;
import io.spikelet.job.executor.ModelLocation;
import io.spikelet.job.plan.InputSpec;
import io.spikelet.job.plan.RequestSpec;
import io.spikelet.job.schema.Tables;
import io.spikelet.job.sql.Confidence;
import io.spikelet.job.sql.Summary;
import io.spikelet.job.task.RowLimits;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.execution.QueryExecution;
import org.apache.spark.sql.execution.datasources.HadoopFsRelation;
import org.apache.spark.sql.execution.datasources.LogicalRelation;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.util.QueryExecutionListener;
import org.apache.spark.util.LongAccumulator;
import org.junit.jupiter.api.Test;
import scala.jdk.javaapi.CollectionConverters;

/** What a run reads or draws once, and what it leaves in the session. */
final class SinglePassTest extends SparkTest {
    private static final int DOCUMENTS = 12;

    @Test
    void finishedRowsAreReadOnceForAllTablesThatAreMadeOfThem() throws TimeoutException {
        AtomicInteger reads = new AtomicInteger();
        QueryExecutionListener listener = new QueryExecutionListener() {
            @Override
            public void onSuccess(String function, QueryExecution query, long nanos) {
                reads.addAndGet(
                        CollectionConverters.asJava(query.optimizedPlan().collectLeaves()).stream()
                                .mapToInt(SinglePassTest::readsShards)
                                .sum());
            }

            @Override
            public void onFailure(String function, QueryExecution query, Exception failure) {}
        };
        spark.listenerManager().register(listener);
        try {
            new JobRunner(arguments("perplexity"), new PerplexityJob(options(true)))
                    .check()
                    .execute(spark);
            spark.sparkContext().listenerBus().waitUntilEmpty(60_000);
        } finally {
            spark.listenerManager().unregister(listener);
        }

        assertThat(reads).as("scans of the rows that tasks committed").hasValue(1);
        assertThat(table(folder.resolve("out"), Tables.TOKEN_SCORES).count()).isPositive();
    }

    private static int readsShards(LogicalPlan leaf) {
        return leaf instanceof LogicalRelation files
                        && files.relation() instanceof HadoopFsRelation relation
                        && CollectionConverters.asJava(relation.location().rootPaths()).stream()
                                .anyMatch(path -> path.toString().contains("/ledger/rows"))
                ? 1
                : 0;
    }

    @Test
    void theBootstrapOfAllRowsOfASummaryDrawsEachDocumentOnce() {
        new JobRunner(arguments("perplexity"), new PerplexityJob(options(false)))
                .check()
                .execute(spark);
        LongAccumulator drawn = spark.sparkContext().longAccumulator("drawn");
        UDF1<Double, Double> counting = nll -> {
            drawn.add(1L);
            return nll;
        };
        Path output = folder.resolve("out");
        Dataset<Row> scores = table(output, Tables.DOCUMENT_SCORES)
                .withColumn(
                        "nll",
                        udf(counting, DataTypes.DoubleType).asNondeterministic().apply(col("nll")));

        List<Row> rows = new Summary(
                        scores,
                        "run",
                        List.of("group"),
                        new Confidence(7, 50),
                        table(output, Tables.SUMMARY).schema())
                .rows()
                .collectAsList();

        assertThat(rows).extracting(row -> row.<String>getAs("level")).contains("group", "micro", "macro");
        assertThat(drawn.value()).isEqualTo(DOCUMENTS);
    }

    @Test
    void theModelsOfAComparisonDoNotStayInTheSession() {
        CompareOptions options =
                new CompareOptions(ModelLocation.of(model()), "document", OptionalInt.empty(), OptionalInt.empty(), 8);
        Broadcast<ModelHandle> model;
        Broadcast<ModelHandle> baseline;
        try (JobContext context = new JobContext(spark, arguments("compare"), new CompareJob(options))) {
            model = context.handle();
            baseline = context.baselineHandle();
            assertThat(baseline.value()).isEqualTo(model.value());
        }

        for (Broadcast<ModelHandle> sent : List.of(model, baseline)) {
            assertThatThrownBy(sent::value).hasMessageContaining("destroyed");
        }
    }

    private RunArguments arguments(String command) {
        Path input = write(
                "documents.jsonl",
                IntStream.range(0, DOCUMENTS)
                        .mapToObj(i -> "{\"id\": \"d" + i + "\", \"group\": \"g" + i % 3
                                + "\", \"text\": \"And the LORD said unto d" + i + "\"}")
                        .toArray(String[]::new));
        return new RunArguments(
                command,
                ModelLocation.of(model()),
                new InputSpec(
                        input.toString(),
                        Optional.empty(),
                        "text",
                        Optional.empty(),
                        List.of(),
                        OptionalLong.empty(),
                        RequestSpec.NONE),
                folder.resolve("out").toString(),
                OptionalInt.of(2),
                ResumePolicy.NEW,
                RowLimits.NONE,
                line -> {});
    }

    private static PerplexityOptions options(boolean emitTokens) {
        return new PerplexityOptions(
                List.of("document"),
                OptionalInt.empty(),
                OptionalInt.empty(),
                PrefixPolicy.AUTO,
                List.of("group"),
                new Confidence(0, 0),
                64,
                emitTokens);
    }
}

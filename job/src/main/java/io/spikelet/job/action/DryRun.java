package io.spikelet.job.action;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.octet_length;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;
import static org.apache.spark.sql.functions.xxhash64;

import io.spikelet.job.plan.InputReader;
import io.spikelet.job.plan.InputRows;
import io.spikelet.job.plan.InputSpec;
import io.spikelet.job.plan.PlanRows;
import io.spikelet.job.plan.ShardCount;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** A dry run: reads the input, tries a sample of it on one executor, and writes nothing. */
public final class DryRun {
    private static final String TOKENS = "__spikelet_tokens_to_come";
    private static final int SAMPLE = 256;
    private static final int SHOWN = 3;
    private static final int MOST_CHARACTERS = 500;

    private final RunRequest request;
    private final ModelJob job;

    public DryRun(RunRequest request, ModelJob job) {
        this.request = request;
        this.job = job;
    }

    /** Checks what can be checked before Spark starts. */
    public DryRun check() {
        new JobRunner(request, job).check();
        return this;
    }

    /**
     * Looks at everything.
     *
     * @throws IllegalArgumentException if model, input or options are not usable
     */
    public Plan execute(SparkSession spark) {
        try (SmallWork ignored = SmallWork.on(spark, List.of(request.input().path()));
                JobContext context = new JobContext(spark, request, job)) {
            job.check(context.config());
            context.setInput(reading(() -> InputReader.read(spark, request.input())));
            job.check(context);
            PlanTotals totals = totals(context);
            Row tried = SparkFailure.asFailedRun(() -> context.input()
                    .partitioned(totals.cores())
                    .where("error_class IS NULL")
                    .orderBy(xxhash64(col("row_id")))
                    .limit(SAMPLE)
                    .coalesce(1)
                    .mapPartitions(job.trial(context), Encoders.row(job.trialType()))
                    .head());
            return new Plan(job.lines(totals, context.config(), tried), job.textName(), firstTexts(spark));
        }
    }

    private PlanTotals totals(JobContext context) {
        InputRows rows = context.input();
        long count = reading(rows::count);
        int cores = context.spark().sparkContext().defaultParallelism();
        Row totals = totals(
                rows.partitioned(cores).withColumn(TOKENS, PlanRows.tokens(job.expectedTokens(context.config()))));
        long weights = context.model().manifest().weightsBytes();
        int shards = ShardCount.of(
                request.partitions(),
                Math.max(1, totals.getLong(2)),
                cores,
                job.batchSize(),
                ShardCount.seconds(totals.getLong(4), weights));
        return new PlanTotals(
                count,
                totals.getLong(0),
                totals.getLong(1),
                totals.getLong(2),
                totals.getLong(3),
                shards,
                cores,
                weights);
    }

    /** Rows with an error, rows to complete, completions, bytes of their prompts, predicted tokens. */
    private static Row totals(Dataset<Row> rows) {
        var isSound = col("error_class").isNull();
        var isWorked = isSound.and(col("duplicate_of").isNull());
        return rows.agg(
                        count(when(isSound, null).otherwise(lit(1))),
                        count(when(isWorked, lit(1))),
                        coalesce(sum(when(isWorked, col(InputRows.SAMPLES))), lit(0L)),
                        coalesce(sum(when(isWorked, octet_length(col(InputRows.TEXT)))), lit(0L)),
                        coalesce(sum(when(isWorked, col(TOKENS))), lit(0L)))
                .head();
    }

    private List<String> firstTexts(SparkSession spark) {
        long shown = Math.min(SHOWN, request.input().limit().orElse(SHOWN));
        InputSpec first = new InputSpec(
                request.input().path(),
                request.input().format(),
                request.input().textColumn(),
                request.input().idColumn(),
                request.input().droppedColumns(),
                OptionalLong.of(shown),
                request.input().requests());
        InputRows rows = InputReader.read(spark, first);
        return rows.partitioned(1).where("error_class IS NULL").orderBy("row_id").collectAsList().stream()
                .map(row -> job.text(row, rows))
                .map(DryRun::beginning)
                .toList();
    }

    private static String beginning(String text) {
        return text.length() <= MOST_CHARACTERS
                ? text
                : text.substring(0, text.offsetByCodePoints(0, MOST_CHARACTERS)) + " …";
    }

    private <T> T reading(Callable<T> step) {
        return SparkFailure.asUsage("cannot read --input " + request.input().path(), step);
    }
}

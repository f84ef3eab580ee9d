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
import io.spikelet.job.plan.LocalChecks;
import io.spikelet.job.plan.PlanRows;
import io.spikelet.job.plan.ShardCount;
import io.spikelet.job.plan.WorkPlan;
import io.spikelet.job.task.Trial;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** A dry run: reads the input, tries a sample of it on one executor, and writes nothing. */
public record DryRun(RunArguments arguments, ModelJob job) {
    private static final int SAMPLE = 256;
    private static final int SHOWN = 3;
    private static final int MOST_CHARACTERS = 500;
    private static final double NANOS_PER_SECOND = 1e9;

    /** Checks what can be checked before Spark starts. */
    public DryRun check(SparkSettings settings) {
        new JobRunner(arguments, job).check();
        new LocalChecks(settings.hadoop()).requireInput(arguments.input());
        return this;
    }

    /**
     * Looks at everything.
     *
     * @param startSeconds that the start of Spark took
     * @throws IllegalArgumentException if model, input or options are not usable
     */
    public DryRunReport execute(SparkSession spark, double startSeconds) {
        long start = System.nanoTime();
        try (SmallWork ignored = SmallWork.on(spark, List.of(arguments.input().path()));
                JobContext context = new JobContext(spark, arguments, job)) {
            job.check(context.config());
            context.setExamples(job.examples(context));
            context.setInput(reading(() -> InputReader.read(spark, arguments.input())));
            job.check(context);
            DryRunTotals totals = totals(context, new Overhead(startSeconds, start));
            Dataset<Row> sample = context.input()
                    .partitioned(totals.cores())
                    .where("error_class IS NULL AND duplicate_of IS NULL")
                    .orderBy(xxhash64(col("row_id")))
                    .limit(SAMPLE);
            Row tried = SparkFailure.asFailedRun(() -> job.given(sample.coalesce(1))
                    .mapPartitions(new Trial(context.task(job.sampleWork(context))), Encoders.row(Trial.TYPE))
                    .head());
            return new DryRunReport(job.lines(totals, context.config(), tried), job.textName(), firstTexts(spark));
        }
    }

    /** Seconds of a run besides its work, and when reading began. */
    private record Overhead(double startSeconds, long readNanos) {
        double readSeconds() {
            return (System.nanoTime() - readNanos) / NANOS_PER_SECOND;
        }
    }

    private DryRunTotals totals(JobContext context, Overhead overhead) {
        InputRows rows = context.input();
        int cores = context.spark().sparkContext().defaultParallelism();
        PlanRows units = PlanRows.of(rows, cores, job.expectedTokens(context.config()));
        WorkPlan plan = reading(() -> WorkPlan.of(units));
        plan.requireDistinctIds(arguments.input().path());
        Row totals = totals(rows.partitioned(cores));
        long weights = context.model().manifest().weightsBytes();
        int shards = ShardCount.of(
                arguments.partitions(),
                Math.max(1, plan.totals().outputsToDo()),
                cores,
                job.batchSize(),
                ShardCount.seconds(plan.totals().tokensToDo(), weights));
        return new DryRunTotals(
                plan.totals().rows(),
                totals.getLong(0),
                totals.getLong(1),
                totals.getLong(2),
                totals.getLong(3),
                shards,
                cores,
                weights,
                overhead.startSeconds(),
                overhead.readSeconds());
    }

    /** Rows with an error, rows to complete, completions, bytes of their prompts. */
    private static Row totals(Dataset<Row> rows) {
        var isSound = col("error_class").isNull();
        var isWorked = isSound.and(col("duplicate_of").isNull());
        return rows.agg(
                        count(when(isSound, null).otherwise(lit(1))),
                        count(when(isWorked, lit(1))),
                        coalesce(sum(when(isWorked, col(InputRows.SAMPLES))), lit(0L)),
                        coalesce(sum(when(isWorked, octet_length(col(InputRows.TEXT)))), lit(0L)))
                .head();
    }

    private List<String> firstTexts(SparkSession spark) {
        long shown = Math.min(SHOWN, arguments.input().limit().orElse(SHOWN));
        InputRows rows = InputReader.read(spark, arguments.input().withLimit(shown));
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
        return SparkFailure.asUsage("cannot read --input " + arguments.input().path(), step);
    }
}

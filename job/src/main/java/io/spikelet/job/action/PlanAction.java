package io.spikelet.job.action;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.octet_length;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;
import static org.apache.spark.sql.functions.xxhash64;

import io.spikelet.job.executor.ModelHandle;
import io.spikelet.job.executor.ModelLocation;
import io.spikelet.job.plan.InputReader;
import io.spikelet.job.plan.InputRows;
import io.spikelet.job.plan.InputSpec;
import io.spikelet.job.plan.PartitionPlan;
import io.spikelet.job.plan.SlicePlan;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import scala.reflect.ClassTag$;

/** A dry run: reads the input, tries a sample of it on one executor, and writes nothing. */
public final class PlanAction {
    private static final int SAMPLE = 256;
    private static final int SHOWN = 3;
    private static final int MOST_CHARACTERS = 500;

    private final ModelLocation model;
    private final InputSpec input;
    private final OptionalInt partitions;
    private final OptionalLong sliceRows;
    private final PlannedWork work;

    public PlanAction(
            ModelLocation model, InputSpec input, OptionalInt partitions, OptionalLong sliceRows, PlannedWork work) {
        this.model = model;
        this.input = input;
        this.partitions = partitions;
        this.sliceRows = sliceRows;
        this.work = work;
    }

    /** A dry run of what a run would do. */
    public static PlanAction of(RunRequest request, PlannedWork work) {
        return new PlanAction(
                request.model(),
                request.input(),
                request.partitions(),
                request.durability().sliceRows(),
                work);
    }

    /** Checks what needs no Spark, so that a slip costs no start of it. */
    public PlanAction check() {
        RunModel.precheck(model, work::check);
        return this;
    }

    /**
     * Looks at everything.
     *
     * @throws IllegalArgumentException if model, input or options are not usable
     */
    public Plan execute(SparkSession spark) {
        try (RunModel opened = RunModel.open(model, spark.sparkContext().hadoopConfiguration())) {
            work.check(opened.config());
            InputRows rows = reading(() -> InputReader.read(spark, input));
            work.check(rows);
            PlanTotals totals = totals(spark, rows, opened);
            Broadcast<ModelHandle> handle =
                    spark.sparkContext().broadcast(opened.handle(), ClassTag$.MODULE$.apply(ModelHandle.class));
            try {
                Row tried = SparkFailure.asFailedRun(() -> rows.partitioned(totals.cores())
                        .where("error_class IS NULL")
                        .orderBy(xxhash64(col("row_id")))
                        .limit(SAMPLE)
                        .coalesce(1)
                        .mapPartitions(work.trial(handle, opened.config(), rows), Encoders.row(work.trialType()))
                        .head());
                return new Plan(work.lines(totals, tried), work.textName(), firstTexts(spark));
            } finally {
                handle.destroy();
            }
        }
    }

    private PlanTotals totals(SparkSession spark, InputRows rows, RunModel opened) {
        long count = reading(rows::count);
        int cores = spark.sparkContext().defaultParallelism();
        Row totals = totals(rows.partitioned(cores));
        long slice = sliceRows.orElse(SlicePlan.sliceRows(count));
        int planned =
                PartitionPlan.partitions(partitions, Math.min(count, slice), cores, work.together(opened.config()));
        return new PlanTotals(
                count,
                totals.getLong(0),
                totals.getLong(1),
                totals.getLong(2),
                totals.getLong(3),
                planned,
                (int) Math.ceilDiv(count, slice),
                cores,
                opened.manifest().weightsBytes());
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
        long shown = Math.min(SHOWN, input.limit().orElse(SHOWN));
        InputSpec first = new InputSpec(
                input.path(),
                input.format(),
                input.textColumn(),
                input.idColumn(),
                input.droppedColumns(),
                OptionalLong.of(shown),
                input.requests());
        InputRows rows = InputReader.read(spark, first);
        return rows.partitioned(1).where("error_class IS NULL").orderBy("row_id").collectAsList().stream()
                .map(row -> work.text(row, rows))
                .map(PlanAction::beginning)
                .toList();
    }

    private static String beginning(String text) {
        return text.length() <= MOST_CHARACTERS
                ? text
                : text.substring(0, text.offsetByCodePoints(0, MOST_CHARACTERS)) + " …";
    }

    private <T> T reading(Callable<T> step) {
        return SparkFailure.asUsage("cannot read --input " + input.path(), step);
    }
}

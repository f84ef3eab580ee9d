package io.spikelet.job.action;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.octet_length;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;
import static org.apache.spark.sql.functions.xxhash64;

import io.spikelet.engine.decode.MemoryPlan;
import io.spikelet.job.executor.ModelHandle;
import io.spikelet.job.executor.ModelLocation;
import io.spikelet.job.plan.InputReader;
import io.spikelet.job.plan.InputRows;
import io.spikelet.job.plan.InputSpec;
import io.spikelet.job.plan.PartitionPlan;
import io.spikelet.job.plan.SlicePlan;
import io.spikelet.job.task.Calibration;
import io.spikelet.job.task.GenerationSettings;
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

/** A dry run of {@link GenerateAction}: reads the input, tries a sample of it on one executor, and writes nothing. */
public final class PlanAction {
    private static final int SAMPLE = 256;
    private static final int SHOWN = 3;

    private final ModelLocation model;
    private final InputSpec input;
    private final OptionalInt partitions;
    private final GenerationOptions options;

    public PlanAction(ModelLocation model, InputSpec input, OptionalInt partitions, GenerationOptions options) {
        this.model = model;
        this.input = input;
        this.partitions = partitions;
        this.options = options;
    }

    /** Checks what needs no Spark, so that a slip costs no start of it. */
    public PlanAction check() {
        RunModel.precheck(model, options::settings);
        return this;
    }

    /**
     * Looks at everything.
     *
     * @throws IllegalArgumentException if model, input or options are not usable
     */
    public GenerationPlan execute(SparkSession spark) {
        try (RunModel opened = RunModel.open(model, spark.sparkContext().hadoopConfiguration())) {
            GenerationSettings settings = options.settings(opened.config());
            InputRows rows = reading(() -> InputReader.read(spark, input));
            long count = reading(rows::count);
            int cores = spark.sparkContext().defaultParallelism();
            Dataset<Row> all = rows.partitioned(cores);
            Row totals = totals(all);
            Broadcast<ModelHandle> handle =
                    spark.sparkContext().broadcast(opened.handle(), ClassTag$.MODULE$.apply(ModelHandle.class));
            try {
                Row tried = SparkFailure.asFailedRun(() -> all.where("error_class IS NULL")
                        .select(col(InputRows.TEXT), xxhash64(col("row_id")).as("place"))
                        .orderBy("place")
                        .limit(SAMPLE)
                        .coalesce(1)
                        .mapPartitions(new Calibration(handle, settings), Encoders.row(Calibration.TYPE))
                        .head());
                int batch = settings.batchSize() == GenerationSettings.AUTOMATIC
                        ? MemoryPlan.MAX_BATCH
                        : settings.batchSize();
                long slice = SlicePlan.sliceRows(count);
                int planned = PartitionPlan.partitions(partitions, Math.min(count, slice), cores, batch);
                return new GenerationPlan(
                        count,
                        totals.getLong(0),
                        totals.getLong(1),
                        totals.getLong(2),
                        totals.getLong(3),
                        settings.sampling().maxNewTokens(),
                        planned,
                        (int) Math.ceilDiv(count, slice),
                        cores,
                        opened.manifest().weightsBytes(),
                        tried,
                        firstPrompts(spark));
            } finally {
                handle.destroy();
            }
        }
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

    private List<String> firstPrompts(SparkSession spark) {
        long shown = Math.min(SHOWN, input.limit().orElse(SHOWN));
        InputSpec first = new InputSpec(
                input.path(),
                input.format(),
                input.textColumn(),
                input.idColumn(),
                input.droppedColumns(),
                OptionalLong.of(shown),
                input.requests());
        return InputReader.read(spark, first)
                .partitioned(1)
                .where("error_class IS NULL")
                .orderBy("row_id")
                .select(InputRows.TEXT)
                .collectAsList()
                .stream()
                .map(row -> row.getString(0))
                .toList();
    }

    private <T> T reading(Callable<T> step) {
        return SparkFailure.asUsage("cannot read --input " + input.path(), step);
    }
}

package io.spikelet.job.action;

import io.spikelet.engine.model.ManifestReader;
import io.spikelet.engine.model.ModelManifest;
import io.spikelet.engine.model.SpikingModel;
import io.spikelet.job.RunFailedException;
import io.spikelet.job.UsageException;
import io.spikelet.job.executor.ModelCache;
import io.spikelet.job.executor.ModelHandle;
import io.spikelet.job.executor.ModelLease;
import io.spikelet.job.plan.InputReader;
import io.spikelet.job.plan.InputRows;
import io.spikelet.job.plan.OutputDirectory;
import io.spikelet.job.plan.PartitionPlan;
import io.spikelet.job.task.RowCounter;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import scala.reflect.ClassTag$;

/**
 * A run from its checks to its published output; closing it earlier leaves nothing behind. Everything up to {@link #work}
 * fails with {@link UsageException}, everything inside with {@link RunFailedException}. Not thread-safe.
 */
final class Run implements AutoCloseable {
    private static final DateTimeFormatter ID_TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    private final SparkSession spark;
    private final RunRequest request;
    private final Instant startedAt = Instant.now();
    private final String id =
            ID_TIME.format(startedAt) + "-" + UUID.randomUUID().toString().substring(0, 8);
    private final ModelHandle handle;
    private final ModelLease model;
    private final InputRows input;
    private final OutputDirectory output;
    private Broadcast<ModelHandle> broadcast;
    private long rows;
    private int partitions;

    private Run(SparkSession spark, RunRequest request) {
        this.spark = spark;
        this.request = request;
        requireModel(request);
        this.handle = ModelHandle.of(request.model());
        this.model = ModelCache.ofThisJvm().lease(handle);
        try {
            this.input = reading(() -> InputReader.read(spark, request.input()));
            this.output = OutputDirectory.reserve(
                    request.output(), id, spark.sparkContext().hadoopConfiguration());
        } catch (RuntimeException e) {
            model.close();
            throw e;
        }
    }

    /** Checks model, input and output. */
    static Run begin(SparkSession spark, RunRequest request) {
        return new Run(spark, request);
    }

    /** Checks that need no Spark: the model directory holds a model with a tokenizer. */
    static ModelManifest requireModel(RunRequest request) {
        ModelManifest manifest = ManifestReader.read(request.model());
        if (manifest.tokenizerSha256().isEmpty()) {
            throw new UsageException("the model " + request.model()
                    + " has no tokenizer, which text needs; convert the checkpoint again with --tokenizer");
        }
        return manifest;
    }

    /** Reads the input once, to count its rows and to see that their ids are unique. */
    void count(int batchSize) {
        rows = reading(input::count);
        partitions = PartitionPlan.partitions(
                request.partitions(), rows, spark.sparkContext().defaultParallelism(), batchSize);
    }

    private <T> T reading(Callable<T> step) {
        try {
            return SparkFailure.asUsage("cannot read --input " + request.input().path(), step);
        } catch (UsageException e) {
            if (spark.sparkContext().isStopped()) { // then the input is not to blame
                throw new RunFailedException(
                        "Spark at " + spark.sparkContext().master() + " ended; is the cluster up and reachable?", e);
            }
            throw e;
        }
    }

    /** Does the work and publishes the output if it succeeds. */
    <T> T work(Callable<T> work) {
        return SparkFailure.asFailedRun(() -> {
            broadcast = spark.sparkContext().broadcast(handle, ClassTag$.MODULE$.apply(ModelHandle.class));
            spark.sparkContext().setJobGroup(id, "spikelet " + request.command() + " " + id, true);
            T result = work.call();
            output.publish();
            return result;
        });
    }

    /** Writes a table and reports progress meanwhile, towards so many rows. */
    void write(Dataset<Row> table, String name, RowCounter counter, long tableRows) {
        try (ProgressLine _ =
                new ProgressLine(spark.sparkContext(), counter, request.command(), tableRows, request.progress())) {
            table.write().parquet(output.table(name));
        }
    }

    /** A table that was written, with the schema it was written with. */
    Dataset<Row> written(String name) {
        return spark.read().parquet(output.table(name));
    }

    /** One output row for each input row, or the run has failed. */
    void requireRows(String table, long found, long wanted) {
        if (found != wanted) {
            throw new RunFailedException("the table " + table + " has " + found + " rows for " + wanted
                    + " wanted; the input changed during the run or rows were lost, so nothing was published");
        }
    }

    double wallSeconds() {
        return startedAt.until(Instant.now(), ChronoUnit.MILLIS) / 1000.0;
    }

    SparkSession spark() {
        return spark;
    }

    RunRequest request() {
        return request;
    }

    String id() {
        return id;
    }

    Instant startedAt() {
        return startedAt;
    }

    SpikingModel model() {
        return model.model();
    }

    ModelHandle handle() {
        return handle;
    }

    Broadcast<ModelHandle> broadcastHandle() {
        return broadcast;
    }

    InputRows input() {
        return input;
    }

    OutputDirectory output() {
        return output;
    }

    /** Input rows, once counted. */
    long rows() {
        return rows;
    }

    int partitions() {
        return partitions;
    }

    @Override
    public void close() {
        try {
            if (broadcast != null) {
                broadcast.destroy();
            }
            spark.sparkContext().clearJobGroup();
            output.close();
        } finally {
            model.close();
        }
    }
}

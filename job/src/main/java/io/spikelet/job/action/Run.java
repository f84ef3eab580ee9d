package io.spikelet.job.action;

import io.spikelet.job.RunFailedException;
import io.spikelet.job.UsageException;
import io.spikelet.job.executor.ModelHandle;
import io.spikelet.job.plan.Fingerprint;
import io.spikelet.job.plan.InputReader;
import io.spikelet.job.plan.InputRows;
import io.spikelet.job.plan.JobState;
import io.spikelet.job.plan.OutputDirectory;
import io.spikelet.job.plan.PartitionPlan;
import io.spikelet.job.plan.SliceEntry;
import io.spikelet.job.plan.SlicePlan;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import scala.reflect.ClassTag$;

/**
 * A run from its checks to its published output; closing it earlier leaves the slices that are committed. Everything up to {@link #work}
 * fails with {@link UsageException}, everything inside with {@link RunFailedException}. Not thread-safe.
 */
final class Run implements AutoCloseable {
    private static final DateTimeFormatter ID_TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    /** Rows that make a partition worth while when they are only read. */
    private static final int PLANNING_BATCH = 500;

    private final SparkSession spark;
    private final RunRequest request;
    private final Instant now = Instant.now();
    private final RunModel model;
    private final InputRows input;
    private final OutputDirectory output;
    private final Instant startedAt;
    private final String id;
    private Fingerprint fingerprint;
    private Broadcast<ModelHandle> broadcast;
    private Interruption interruption;
    private long rows;
    private long sliceRows;
    private int together;
    private int partitions;

    private Run(SparkSession spark, RunRequest request) {
        this.spark = spark;
        this.request = request;
        this.model = RunModel.open(request.model(), spark.sparkContext().hadoopConfiguration());
        try {
            this.input = reading(() -> InputReader.read(spark, request.input()));
            this.output = OutputDirectory.reserve(
                    request.output(),
                    request.input().path(),
                    request.durability().goesOn(),
                    spark.sparkContext().hadoopConfiguration());
        } catch (RuntimeException e) {
            model.close();
            throw e;
        }
        Optional<JobState> unfinished = output.ledger().state();
        startedAt = unfinished.map(JobState::startedAt).orElse(now);
        id = unfinished
                .map(JobState::runId)
                .orElseGet(() ->
                        ID_TIME.format(now) + "-" + UUID.randomUUID().toString().substring(0, 8));
    }

    /** Checks model, input and output. */
    static Run begin(SparkSession spark, RunRequest request) {
        return new Run(spark, request);
    }

    /**
     * Reads the input once, to count its rows and to see that their ids are unique, and checks that what is done already
     * was done in the same way.
     *
     * @param settings that determine results, by option name
     */
    void count(int batchSize, Map<String, ?> settings) {
        fingerprint = RunFingerprint.of(this, settings);
        RunFingerprint.requireSame(this, fingerprint);
        spark.sparkContext().setJobGroup(id, "spikelet " + request.command() + " " + id, true);
        describe("count the rows of " + request.input().path());
        rows = reading(input::count);
        sliceRows = request.durability().sliceRows().orElse(SlicePlan.sliceRows(rows));
        together = batchSize;
        partitions = partitions(rows);
    }

    /** Partitions of a slice of so many rows or other units of work. */
    int partitions(long units) {
        return PartitionPlan.partitions(
                request.partitions(),
                Math.min(units, sliceRows),
                spark.sparkContext().defaultParallelism(),
                together);
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

    /** Does the work; what it commits outlives a failure. */
    <T> T work(Callable<T> work) {
        interruption = new Interruption(spark, id);
        try {
            return SparkFailure.asFailedRun(() -> {
                broadcast = spark.sparkContext().broadcast(model.handle(), ClassTag$.MODULE$.apply(ModelHandle.class));
                output.begin(new JobState(id, startedAt.toEpochMilli(), 1, fingerprint.fields()));
                return work.call();
            });
        } catch (RunFailedException e) {
            String kept = kept();
            if (interruption.happened()) {
                request.progress().accept(request.command() + ": interrupted" + kept);
                interruption.reported();
            }
            throw new RunFailedException(e.getMessage() + kept, e);
        }
    }

    private String kept() {
        long rows =
                output.ledger().committed().stream().mapToLong(SliceEntry::rows).sum();
        return rows == 0
                ? "; no slice was finished"
                : "; " + rows + " finished rows are kept: run the same command with --resume";
    }

    /** One output row for each input row, or the run has failed. */
    void requireRows(String table, long found, long wanted) {
        if (found != wanted) {
            throw new RunFailedException("the table " + table + " has " + found + " rows for " + wanted
                    + " wanted, so nothing was published");
        }
    }

    /** What the finished run left behind. */
    RunResult result(RunTotals totals) {
        return new RunResult(
                id(),
                output().target(),
                totals.rows(),
                totals.errors(),
                totals.tokens(),
                wallSeconds(),
                totals.digest());
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

    RunModel model() {
        return model;
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

    long sliceRows() {
        return sliceRows;
    }

    Fingerprint fingerprint() {
        return fingerprint;
    }

    /** Partitions in which the input is read. */
    int planPartitions() {
        return PartitionPlan.partitions(
                OptionalInt.empty(), rows, spark.sparkContext().defaultParallelism(), PLANNING_BATCH);
    }

    /** Partitions of a slice. */
    int partitions() {
        return partitions;
    }

    /** Says in Spark's UI what the next jobs are for. */
    void describe(String step) {
        spark.sparkContext().setJobDescription(request.command() + ": " + step);
    }

    private void closeOutput() {
        try {
            output.close();
        } finally {
            model.close();
            if (interruption != null) { // last: after it the JVM may end
                interruption.close();
            }
        }
    }

    @Override
    public void close() {
        try {
            if (broadcast != null) {
                broadcast.destroy();
            }
            spark.sparkContext().clearJobGroup();
        } finally {
            closeOutput();
        }
    }
}

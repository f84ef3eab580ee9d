package io.spikelet.job.action;

import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;

import io.spikelet.job.LiteralPath;
import io.spikelet.job.RunFailedException;
import io.spikelet.job.UsageException;
import io.spikelet.job.plan.Fingerprint;
import io.spikelet.job.plan.InputReader;
import io.spikelet.job.plan.JobState;
import io.spikelet.job.plan.OutputDirectory;
import io.spikelet.job.plan.ShardCommit;
import io.spikelet.job.plan.ShardCount;
import io.spikelet.job.plan.WorkPlan;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Observation;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** A job with its output, its id, and the copy of its input. Not thread-safe. */
final class Run extends JobContext {
    private static final DateTimeFormatter ID_TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    /** Minimum rows of a partition when rows are only read. */
    private static final int PLANNING_BATCH = 5_000;

    private final OutputDirectory output;
    private final JobState state;
    private final List<String> copies = new ArrayList<>();
    private Fingerprint fingerprint;
    private long rows;
    private int shards;

    Run(SparkSession spark, RunRequest request, ModelJob job) {
        super(spark, request, job);
        try {
            output = own(OutputDirectory.reserve(
                    request.output(),
                    List.of(request.input().path()),
                    request.resume().goesOn(),
                    spark.sparkContext().hadoopConfiguration()));
            Instant now = Instant.now();
            JobState fresh = new JobState(
                    ID_TIME.format(now) + "-" + UUID.randomUUID().toString().substring(0, 8),
                    now.toEpochMilli(),
                    0,
                    Map.of());
            state = output.ledger().state().orElse(fresh).nextAttempt();
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /**
     * Copies the input, so that everything else reads the copy, and checks that existing work was done with the same
     * settings.
     */
    void begin(ModelJob job) {
        spark().sparkContext().setJobGroup(jobGroup(), "spikelet " + request().command() + " " + id(), true);
        setInput(reading(() -> InputReader.read(spark(), request().input(), this::copy)));
        job.check(this);
        job.schema(this);
        rows = reading(input()::scanned);
        fingerprint = RunFingerprint.of(this, job.determining(this));
        RunFingerprint.requireSame(this, fingerprint);
        output.begin(state.with(fingerprint.fields()));
        if (output.goneFiles() > 0) {
            say(output.goneFiles() + " files of finished rows are gone; their rows are done again");
        }
        if (request().resume() == ResumePolicy.RETRY_FAILED) {
            output.suspects().clear();
        } else if (!output.suspects().blamed().isEmpty()) {
            say("rows at which a JVM has ended are stepped over: "
                    + output.suspects().blamed().size());
        }
    }

    private void say(String what) {
        request().progress().accept(request().command() + ": " + what);
    }

    private Dataset<Row> copy(Dataset<Row> scan) {
        describe("copy the rows of " + request().input().path());
        String path = output.scratch("input-" + copies.size());
        copies.add(path);
        Observation seen = new Observation();
        scan.observe(seen, count(lit(1)).as("rows")).write().parquet(path);
        Dataset<Row> copy = LiteralPath.read(spark()).schema(scan.schema()).parquet(path);
        long read = rows(seen);
        long kept = copy.count();
        if (read != kept) {
            throw new RunFailedException(
                    "the copy of --input " + request().input().path() + " has " + kept + " rows of " + read
                            + " that were read; nothing was done");
        }
        return copy;
    }

    private static long rows(Observation seen) {
        try {
            return (Long) seen.getAsJava().get("rows");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RunFailedException("interrupted while the input was copied", e);
        }
    }

    private <T> T reading(Callable<T> step) {
        try {
            return SparkFailure.asUsage(
                    "cannot read --input " + request().input().path(), step);
        } catch (UsageException e) {
            if (spark().sparkContext().isStopped()) { // then the input is not to blame
                throw new RunFailedException(
                        "Spark at " + spark().sparkContext().master() + " ended; is the cluster up and reachable?", e);
            }
            throw e;
        }
    }

    /** The copy of the input is deleted once the plan is written. */
    void discardCopies() {
        copies.forEach(output::discard);
    }

    /** Decides the number of shards. */
    void cut(WorkPlan.Totals totals, int batchSize) {
        shards = ShardCount.of(
                request().partitions(),
                Math.max(1, totals.outputsToDo()),
                spark().sparkContext().defaultParallelism(),
                batchSize,
                ShardCount.seconds(totals.tokensToDo(), model().manifest().weightsBytes()));
    }

    /**
     * Says how many rows are kept, and how to continue with them.
     *
     * @param failure what has happened
     */
    String kept(String failure) {
        if (failure.contains(new Path(output.ledger().rows()).toUri().getPath())) {
            return "; that file of finished rows is damaged: delete it and run the same command with --resume, which does its"
                    + " rows again";
        }
        long done = output.ledger().committed().stream()
                .mapToLong(ShardCommit::rows)
                .sum();
        if (done == 0 && output.suspects().exist()) {
            return "; no rows were finished; run the same command with --resume, which steps over rows at which a JVM has ended";
        }
        return done == 0
                ? "; no rows were finished"
                : "; " + done + " finished rows are kept: run the same command with --resume";
    }

    /** The result of the finished run. */
    RunResult result(RunTotals totals, Optional<String> note) {
        return new RunResult(
                id(),
                output.target(),
                totals.rows(),
                totals.errors(),
                totals.tokens(),
                wallSeconds(),
                totals.digest(),
                note);
    }

    double wallSeconds() {
        return startedAt().until(Instant.now(), ChronoUnit.MILLIS) / 1000.0;
    }

    @Override
    String id() {
        return state.runId();
    }

    /** Of Spark; each attempt has its own, since a group that was cancelled takes no more jobs. */
    String jobGroup() {
        return id() + "-" + attempt();
    }

    Instant startedAt() {
        return state.startedAt();
    }

    /** Processes that have worked on the run, this one included. */
    int attempt() {
        return state.attempts();
    }

    OutputDirectory output() {
        return output;
    }

    /** Rows of the input, counted in its copy. */
    long rows() {
        return rows;
    }

    Fingerprint fingerprint() {
        return fingerprint;
    }

    /** Partitions in which the input is read. */
    int planPartitions() {
        return ShardCount.of(OptionalInt.empty(), rows, spark().sparkContext().defaultParallelism(), PLANNING_BATCH, 0);
    }

    /** Shards of this attempt. */
    int shards() {
        return shards;
    }
}

package io.spikelet.job.action;

import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;

import io.spikelet.job.RunFailedException;
import io.spikelet.job.UsageException;
import io.spikelet.job.plan.Fingerprint;
import io.spikelet.job.plan.InputReader;
import io.spikelet.job.plan.OutputDirectory;
import io.spikelet.job.plan.RunState;
import io.spikelet.job.plan.ShardCommit;
import io.spikelet.job.plan.ShardCount;
import io.spikelet.job.plan.WorkPlan;
import java.net.URI;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
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
    private static final int FEW_ROWS = 20_000; // as many as a shard has

    private static final int PLANNING_BATCH = 5_000;

    /**
     * Predicted time of all work for which compiling the vector kernels takes longer than they save: for the 2 s of the bundled
     * corpus and model, both take the same time.
     */
    private static final double SHORT_SECONDS = 1;

    private final SmallWork small;
    private final OutputDirectory output;
    private final RunState state;
    private final List<String> copies = new ArrayList<>();
    private Fingerprint fingerprint;
    private long rows;
    private int shards;
    private boolean isShort;

    Run(SparkSession spark, RunArguments arguments, ModelJob job, SmallWork small) {
        super(spark, arguments, job);
        this.small = small;
        try {
            output = own(OutputDirectory.reserve(
                    arguments.output(),
                    List.of(arguments.input().path()),
                    arguments.resume().goesOn(),
                    spark.sparkContext().hadoopConfiguration()));
            Instant now = Instant.now();
            RunState fresh = RunState.fresh(
                    ID_TIME.format(now) + "-" + UUID.randomUUID().toString().substring(0, 8), now.toEpochMilli());
            state = output.ledger()
                    .state()
                    .map(earlier -> earlier.nextAttempt(now.toEpochMilli(), lastCommitMillis()))
                    .orElse(fresh);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** When the last shard of earlier attempts was committed. */
    private long lastCommitMillis() {
        return output.ledger().committed().stream()
                .mapToLong(ShardCommit::endedAtMillis)
                .max()
                .orElse(0);
    }

    /**
     * Copies the input, so that everything else reads the copy, and checks that existing work was done with the same
     * settings.
     */
    void begin(ModelJob job) {
        spark().sparkContext().setJobGroup(jobGroup(), "spikelet " + arguments().command() + " " + id(), true);
        setExamples(job.examples(this));
        setInput(reading(() -> InputReader.read(spark(), arguments().input(), this::copy)));
        job.check(this);
        job.schema(this);
        rows = reading(input()::scanned);
        fingerprint = RunFingerprint.of(this, job.determining(this));
        RunFingerprint.requireSame(this, fingerprint);
        output.begin(state.with(fingerprint.fields()));
        if (output.goneFiles() > 0) {
            arguments().say(output.goneFiles() + " files of finished rows are gone; their rows are done again");
        }
        if (arguments().resume() == ResumePolicy.RETRY_FAILED) {
            output.suspects().clear();
        } else if (!output.suspects().blamed().isEmpty()) {
            arguments()
                    .say("rows at which a JVM has ended are stepped over: "
                            + output.suspects().blamed().size());
        }
    }

    private Dataset<Row> copy(Dataset<Row> scan) {
        describe("copy the rows of " + arguments().input().path());
        String name = "input-" + copies.size();
        copies.add(output.scratch(name));
        Observation seen = new Observation();
        Dataset<Row> placed = small.isSmall() ? scan.coalesce(1) : scan;
        Dataset<Row> copy = stored(placed.observe(seen, count(lit(1)).as("rows")), name);
        long read = rows(seen);
        if (!small.storesInMemory()) {
            long kept = copy.count();
            if (read != kept) {
                throw new RunFailedException(
                        "the copy of --input " + arguments().input().path() + " has " + kept + " rows of " + read
                                + " that were read; nothing was done");
            }
        }
        return copy;
    }

    /**
     * The same rows in a place where they stay.
     *
     * @param name of the folder for many rows
     */
    Dataset<Row> stored(Dataset<Row> rows, String name) {
        return small.stored(rows, output.scratch(name));
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
                    "cannot read --input " + arguments().input().path(), step);
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

    /**
     * Decides the number of shards and the kernels that process them.
     *
     * @param passes how often a token of the plan is read at most
     */
    void cut(WorkPlan.Totals totals, int batchSize, int passes) {
        double seconds =
                ShardCount.seconds(totals.tokensToDo(), model().manifest().weightsBytes());
        shards = ShardCount.of(
                arguments().partitions(),
                Math.max(1, totals.outputsToDo()),
                spark().sparkContext().defaultParallelism(),
                batchSize,
                seconds);
        double ofBaseline = comparedWith()
                .map(baseline -> ShardCount.seconds(
                        totals.tokensToDo(), baseline.manifest().weightsBytes()))
                .orElse(0.0);
        isShort = totals.outputsToDo() > 0 && (seconds + ofBaseline) * passes < SHORT_SECONDS;
    }

    @Override
    boolean isShort() {
        return isShort;
    }

    /**
     * Says how many rows are kept, and how to continue with them.
     *
     * @param failure what has happened
     */
    String kept(String failure) {
        if (namesFileOf(failure, output.ledger().rows())) {
            return "; that file of finished rows is damaged: delete it and run the same command with --resume, which does its"
                    + " rows again";
        }
        if (output.isPublished() && namesFileOf(failure, output.target())) {
            return "; that file of the finished output is damaged: put it back from a copy, or name another --output";
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

    /** Spark writes blanks and other characters of a path as URIs have them. */
    private static boolean namesFileOf(String failure, String folder) {
        URI uri = new Path(folder).toUri();
        return failure.contains(uri.getPath() + Path.SEPARATOR) || failure.contains(uri.getRawPath() + Path.SEPARATOR);
    }

    /**
     * The result of the finished run.
     *
     * @param tokens that the engine processed in all its attempts
     */
    RunResult result(RunTotals totals, long tokens, Optional<String> note) {
        return new RunResult(
                id(),
                output.target(),
                totals.rows(),
                totals.errors(),
                tokens,
                wallSeconds(Instant.now()),
                totals.digest(),
                note);
    }

    /** Seconds of all attempts up to a time of this one; see {@link RunState#workedMillis}. */
    double wallSeconds(Instant now) {
        return state.workedMillis(now.toEpochMilli()) / 1000.0;
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

    /** Whether its input and output are small, so that the rows are best in one partition. */
    boolean isSmall() {
        return small.isSmall();
    }

    /** Partitions in which the input is read. */
    int planPartitions() {
        return small.isSmall() && rows <= FEW_ROWS
                ? 1
                : ShardCount.of(
                        OptionalInt.empty(), rows, spark().sparkContext().defaultParallelism(), PLANNING_BATCH, 0);
    }

    /** Shards of this attempt. */
    int shards() {
        return shards;
    }
}

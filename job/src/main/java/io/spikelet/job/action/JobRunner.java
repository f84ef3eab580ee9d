package io.spikelet.job.action;

import io.spikelet.job.RunFailedException;
import io.spikelet.job.RunStoppedException;
import io.spikelet.job.UsageException;
import io.spikelet.job.plan.LocalChecks;
import io.spikelet.job.plan.PlanRows;
import io.spikelet.job.plan.ShardCommit;
import io.spikelet.job.plan.Suspects;
import io.spikelet.job.plan.WorkPlan;
import io.spikelet.job.task.LedgerSink;
import io.spikelet.job.task.ModelTask;
import io.spikelet.job.task.RunControl;
import io.spikelet.job.task.TaskEnds;
import java.util.List;
import org.apache.spark.SparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Runs a job: copies its input once, plans the remaining work, does it in one Spark job whose tasks commit
 * independently, and writes the tables. Committed work survives every failure.
 */
public record JobRunner(RunArguments arguments, ModelJob job) {
    /** Checks what can be checked before Spark starts. */
    public JobRunner check() {
        RunModel.precheck(arguments.model(), job::check);
        job.baseline().ifPresent(location -> RunModel.precheck(location, config -> {}));
        return this;
    }

    /** Checks input and output as well, as far as they are on this machine. */
    public JobRunner check(SparkSettings settings) {
        LocalChecks checks = new LocalChecks(settings.hadoop());
        check();
        checks.requireInput(arguments.input());
        checks.requireOutput(arguments.output(), arguments.resume().goesOn());
        return this;
    }

    /**
     * Runs to the end.
     *
     * @throws IllegalArgumentException if a model, the input, options or output are not usable; nothing was done
     * @throws RunStoppedException if a stop was requested; nothing was published
     * @throws RunFailedException if the work failed; nothing was published
     */
    public RunResult execute(SparkSession spark) {
        try (SmallWork small = SmallWork.on(spark, List.of(arguments.input().path(), arguments.output()));
                Interruption interruption = new Interruption(spark, arguments);
                Run run = new Run(spark, arguments, job, small)) {
            interruption.watch(run.jobGroup());
            try {
                job.check(run.config());
                run.begin(job);
                return SparkFailure.asFailedRun(() -> work(run, interruption));
            } catch (RunFailedException | UsageException e) {
                throw interruption.explain(e, run.kept(e.getMessage()));
            }
        }
    }

    private RunResult work(Run run, Interruption interruption) {
        CommittedRows committed = new CommittedRows(run.spark(), run.output(), job.tables(), job.schema(run));
        boolean isFirst = !committed.exist();
        run.describe("plan the work");
        PlanRows units = job.units(run);
        boolean retries = arguments.resume() == ResumePolicy.RETRY_FAILED;
        WorkPlan plan = WorkPlan.of(units, committed.known(retries), rows -> run.stored(rows, "plan"));
        plan.requireDistinctIds(arguments.input().path());
        WorkPlan.Totals totals = plan.totals();
        requireRows("the plan", units.documents().orElse(totals.rows() - units.windows()), run.rows());
        run.discardCopies();
        sayWhatIsDone(run, committed, totals);
        run.cut(totals, job.batchSize(), job.passes(run.config()));
        if (totals.again() + totals.fresh() > 0) {
            work(run, plan, interruption);
        }
        run.describe("put the tables together");
        long inputRows = units.documents().orElse(totals.outputs() - units.windows());
        return publish(run, new FinishedRows(run, job, committed, plan, inputRows, units.windows(), isFirst));
    }

    private void work(Run run, WorkPlan plan, Interruption interruption) {
        SparkContext spark = run.spark().sparkContext();
        Suspects suspects = run.output().suspects();
        RunControl control = new RunControl(
                suspects.folder(run.attempt()),
                run.output().progress(),
                suspects.blamed(),
                suspects.watched(),
                spark.isLocal(),
                spark.hadoopConfiguration());
        control.begin();
        ModelTask task = run.task(job.work(run));
        run.describe(plan.totals().outputsToDo() + " rows in about " + run.shards() + " shards");
        try (TaskEnds ignored = new TaskEnds(spark, control);
                ProgressLine alsoIgnored = new ProgressLine(
                        spark, run.counter(), arguments.command(), plan.totals().outputsToDo(), arguments.progress())) {
            Dataset<Row> rows =
                    job.given(plan.rows(run.shards())).mapPartitions(task.in(control), Encoders.row(job.schema(run)));
            interruption.begin(control);
            LedgerSink.write(rows, run.output().ledger(), run.attempt());
        } finally {
            interruption.end();
        }
        if (interruption.isAskedToStop()) {
            throw new RunFailedException("stopped");
        }
    }

    /** Reports which finished work is taken over; a run that takes over nothing is refused. */
    private void sayWhatIsDone(Run run, CommittedRows committed, WorkPlan.Totals totals) {
        if (!arguments.resume().goesOn() || !committed.exist()) {
            return;
        }
        if (totals.finished() + totals.again() == 0 && totals.rows() > 0) {
            throw new UsageException(
                    "--resume: no row of --input "
                            + arguments.input().path() + " is among the finished rows of --output "
                            + run.output().target()
                            + ", so that nothing would be taken over; is it the right input? For a new one name another --output");
        }
        arguments.say(totals.finished() + " rows were finished earlier, " + totals.again() + " are done again, "
                + totals.fresh() + " are new");
    }

    private RunResult publish(Run run, FinishedRows rows) {
        if (rows.isNew()) {
            job.write(run, rows);
        }
        RunTotals totals = job.totals(rows.written());
        requireRows("the table " + job.tables().getFirst(), totals.rows(), rows.wanted());
        long tokens = run.output().ledger().committed().stream()
                .mapToLong(ShardCommit::tokens)
                .sum();
        if (rows.isNew()) {
            RunMetadata.write(run, job, totals);
            run.output().publish();
        } else {
            run.output().finish();
        }
        return run.result(totals, tokens, job.note(run.config()));
    }

    /** One output row for each input row, or the run has failed. */
    static void requireRows(String what, long found, long wanted) {
        if (found != wanted) {
            throw new RunFailedException(
                    what + " has " + found + " rows for " + wanted + " wanted, so nothing was published");
        }
    }
}

package io.spikelet.job.cli;

import io.spikelet.job.MessageText;
import io.spikelet.job.Redaction;
import io.spikelet.job.action.DryRun;
import io.spikelet.job.action.JobRunner;
import io.spikelet.job.action.ModelJob;
import io.spikelet.job.action.OpenSession;
import io.spikelet.job.action.PrintedTable;
import io.spikelet.job.action.Progress;
import io.spikelet.job.action.ResumePolicy;
import io.spikelet.job.action.RunArguments;
import io.spikelet.job.action.RunResult;
import io.spikelet.job.action.SparkSettings;
import io.spikelet.job.plan.RequestSpec;
import io.spikelet.job.task.RowLimits;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Options that all commands that run a model over a dataset share. */
final class RunOptions {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Mixin
    private ModelOptions model;

    @Mixin
    private InputOptions input;

    @Option(
            names = "--output",
            required = true,
            paramLabel = "DIR",
            description =
                    "Directory for the tables; it must not exist. It appears complete or not at all; until then, finished work "
                            + "is kept in a hidden directory next to it.")
    private String output;

    @Option(
            names = "--max-errors",
            paramLabel = "N|P%",
            description =
                    "Exit with status 1 if more rows, or a larger share of them, fail (the tables are written anyway). "
                            + "Default: only if every row fails.")
    private String maxErrors;

    @Option(
            names = "--resume",
            description = "Continue unfinished or finished work in --output: only rows that are missing or have "
                    + "changed are processed. Options that determine results must be the same.")
    private boolean resume;

    @Option(names = "--retry-failed", description = "As --resume, and rows with an error are processed again.")
    private boolean retryFailed;

    @Option(
            names = "--max-prompt-tokens",
            paramLabel = "N",
            description = "A prompt or document with more tokens becomes a row with an error.")
    private Integer maxPromptTokens;

    @Option(
            names = "--max-row-bytes",
            paramLabel = "N",
            defaultValue = "" + RowLimits.DEFAULT_ROW_BYTES,
            description = "A text with more bytes becomes a row with an error before it is tokenized; "
                    + "default ${DEFAULT-VALUE}.")
    private long maxRowBytes;

    @Option(
            names = "--row-timeout",
            paramLabel = "SECONDS",
            description =
                    "A row that takes longer becomes a row with an error. This depends on the machine; --retry-failed "
                            + "with a longer timeout processes such rows again.")
    private Double rowTimeout;

    @Mixin
    private SparkOptions spark;

    @Mixin
    private PartitionOptions partitions;

    @Option(
            names = "--dry-run",
            description =
                    "Only print what the command would do and need: rows, tokens, partitions, memory, the time by a "
                            + "short calibration, and the first texts. Nothing is written.")
    private boolean dryRun;

    /**
     * Runs the job of the command, or prints what it would do.
     *
     * @param results prints the tables
     * @return the exit status
     */
    int run(ModelJob job, String textColumn, RequestSpec requests, BiConsumer<SparkSession, RunResult> results) {
        PrintWriter err = command.commandLine().getErr();
        ErrorAllowance allowance = new ErrorAllowance(maxErrors);
        RunArguments arguments = arguments(textColumn, requests, TerminalLine.of(err));
        SparkSettings settings = model.apply(spark.settings());
        if (dryRun) {
            return PlanCommand.print(
                    new DryRun(arguments, job),
                    spark,
                    settings,
                    command.commandLine().getOut());
        }
        JobRunner runner = new JobRunner(arguments, job).check(settings);
        try (OpenSession session = spark.open(settings)) {
            RunResult result = runner.execute(session.spark());
            results.accept(session.spark(), result);
            result.note().ifPresent(err::println);
            return report(result, allowance, err);
        }
    }

    /** As {@link #run}, and prints a table. */
    int run(ModelJob job, String textColumn, PrintedTable table) {
        return run(
                job,
                textColumn,
                RequestSpec.NONE,
                (session, result) -> table.print(
                        session,
                        result,
                        command.commandLine().getOut(),
                        command.commandLine().getErr()));
    }

    private RunArguments arguments(String textColumn, RequestSpec requests, Progress progress) {
        return new RunArguments(
                command.name(),
                model.location(),
                input.spec(textColumn, requests),
                output,
                partitions.number(),
                retryFailed ? ResumePolicy.RETRY_FAILED : resume ? ResumePolicy.RESUME : ResumePolicy.NEW,
                new RowLimits(
                        maxPromptTokens == null ? RowLimits.NONE.promptTokens() : maxPromptTokens,
                        rowTimeout == null ? RowLimits.NONE.timeoutSeconds() : rowTimeout,
                        maxRowBytes),
                progress);
    }

    /** Prints the result of a run on stderr; returns the exit status. */
    private int report(RunResult result, ErrorAllowance allowance, PrintWriter err) {
        err.println(said(line(result)));
        long failed = result.failedRows();
        boolean isTooMany = allowance.isExceeded(failed, result.rows());
        if (isTooMany) {
            String limit = maxErrors == null ? "" : "; --max-errors allows " + maxErrors;
            err.println(said(command.name() + ": " + failed + " of " + result.rows() + " rows failed" + limit
                    + ": see error_class and error_message in " + output));
        }
        return isTooMany ? ExitStatus.ROWS_FAILED : ExitStatus.DONE;
    }

    private static String said(String line) {
        return MessageText.visible(Redaction.addresses(line));
    }

    private String line(RunResult result) {
        String errors = result.errors().entrySet().stream()
                .map(entry -> entry.getValue() + " " + entry.getKey())
                .collect(Collectors.joining(", "));
        return String.format(
                Locale.ROOT,
                "%s: %d rows, %s, %d tokens in %.1f s, written to %s; digest of the results %s",
                command.name(),
                result.rows(),
                errors.isEmpty() ? "none failed" : result.failedRows() + " failed (" + errors + ")",
                result.tokens(),
                result.wallSeconds(),
                result.output(),
                result.digest());
    }
}

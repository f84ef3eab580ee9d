package io.spikelet.job.cli;

import io.spikelet.job.MessageText;
import io.spikelet.job.Redaction;
import io.spikelet.job.action.ResumePolicy;
import io.spikelet.job.action.RunRequest;
import io.spikelet.job.action.RunResult;
import io.spikelet.job.action.SparkSettings;
import io.spikelet.job.plan.RequestSpec;
import io.spikelet.job.task.RowLimits;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options that all commands that run a model over a dataset share. */
final class RunOptions {
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
            paramLabel = "N|P%%",
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

    private ErrorAllowance allowance;

    SparkSettings settings() {
        return model.apply(spark.settings());
    }

    RunRequest request(String command, String textColumn, PrintWriter err) {
        return request(command, textColumn, RequestSpec.NONE, err);
    }

    RunRequest request(String command, String textColumn, RequestSpec requests, PrintWriter err) {
        allowance = new ErrorAllowance(maxErrors);
        return new RunRequest(
                command,
                model.location(),
                input.spec(textColumn, requests),
                output,
                partitions.number(),
                retryFailed ? ResumePolicy.RETRY_FAILED : resume ? ResumePolicy.RESUME : ResumePolicy.NEW,
                new RowLimits(
                        maxPromptTokens == null ? RowLimits.NONE.promptTokens() : maxPromptTokens,
                        rowTimeout == null ? RowLimits.NONE.timeoutSeconds() : rowTimeout,
                        maxRowBytes),
                TerminalLine.of(err));
    }

    /** Prints the result of a run on stderr; returns the exit status. */
    int report(String command, RunResult result, PrintWriter err) {
        err.println(said(line(command, result)));
        long failed = result.failedRows();
        boolean isTooMany = allowance.isExceeded(failed, result.rows());
        if (isTooMany) {
            String limit = maxErrors == null ? "" : "; --max-errors allows " + maxErrors;
            err.println(said(command + ": " + failed + " of " + result.rows() + " rows failed" + limit
                    + ": see error_class and error_message in " + output));
        }
        return isTooMany ? ExitStatus.ROWS_FAILED : ExitStatus.DONE;
    }

    private static String said(String line) {
        return MessageText.visible(Redaction.addresses(line));
    }

    private static String line(String command, RunResult result) {
        String errors = result.errors().entrySet().stream()
                .map(entry -> entry.getValue() + " " + entry.getKey())
                .collect(Collectors.joining(", "));
        return String.format(
                Locale.ROOT,
                "%s: %d rows, %s, %d tokens in %.1f s, written to %s; digest of the results %s",
                command,
                result.rows(),
                errors.isEmpty() ? "none failed" : result.failedRows() + " failed (" + errors + ")",
                result.tokens(),
                result.wallSeconds(),
                result.output(),
                result.digest());
    }
}

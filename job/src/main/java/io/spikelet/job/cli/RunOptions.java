package io.spikelet.job.cli;

import io.spikelet.job.UsageException;
import io.spikelet.job.action.RunRequest;
import io.spikelet.job.action.RunResult;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What the commands that run a model over a data set have in common. */
final class RunOptions {
    @Option(names = "--model", required = true, paramLabel = "DIR", description = "Model directory.")
    private Path model;

    @Mixin
    private InputOptions input;

    @Option(
            names = "--output",
            required = true,
            paramLabel = "DIR",
            description = "Directory for the tables; it must not exist, and appears whole or not at all.")
    private String output;

    @Option(
            names = "--max-errors",
            paramLabel = "N",
            description = "Exit with status 1 when more rows than this fail (the tables are written all the same). "
                    + "Default: only when every row fails.")
    private Long maxErrors;

    @Mixin
    private SparkOptions spark;

    SparkOptions spark() {
        return spark;
    }

    RunRequest request(String command, String textColumn, PrintWriter err) {
        if (maxErrors != null && maxErrors < 0) {
            throw new UsageException("--max-errors is " + maxErrors + "; it must be at least 0");
        }
        return new RunRequest(command, model, input.spec(textColumn), output, spark.partitions(), err::println);
    }

    /** Says on stderr what a run did; the exit status. */
    int report(String command, RunResult result, PrintWriter err) {
        err.println(line(command, result));
        long failed = result.failedRows();
        boolean isTooMany = maxErrors == null ? failed > 0 && failed == result.rows() : failed > maxErrors;
        if (isTooMany) {
            String limit = maxErrors == null ? "" : "; --max-errors allows " + maxErrors;
            err.println(command + ": " + failed + " of " + result.rows() + " rows failed" + limit
                    + ": see error_class and error_message in " + output);
        }
        return isTooMany ? ExitStatus.ROWS_FAILED : ExitStatus.DONE;
    }

    private String line(String command, RunResult result) {
        String errors = result.errors().entrySet().stream()
                .map(entry -> entry.getValue() + " " + entry.getKey())
                .collect(Collectors.joining(", "));
        return String.format(
                Locale.ROOT,
                "%s: %d rows, %s, %d tokens in %.1f s, written to %s",
                command,
                result.rows(),
                errors.isEmpty() ? "none failed" : result.failedRows() + " failed (" + errors + ")",
                result.tokens(),
                result.wallSeconds(),
                output);
    }
}

package io.spikelet.job.cli;

import io.spikelet.job.action.OpenSession;
import io.spikelet.job.action.SqlAction;
import io.spikelet.job.sql.ResultFormat;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Questions to the tables that runs leave behind. */
@Command(
        name = "sql",
        description = "Runs Spark SQL over result tables; each is a view by its name.",
        sortOptions = false,
        footer = {
            "",
            "Example:",
            "  spikelet sql --results out \"SELECT finish_reason, count(*) FROM completions GROUP BY finish_reason\"",
        })
final class SqlCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--results",
            paramLabel = "DIR",
            description = "Output directory of a run; of several, tables of the same name are read as one. Not needed "
                    + "for a query that names its files, such as SELECT * FROM parquet.`file`.")
    private List<String> results = new ArrayList<>();

    @Option(
            names = "--format",
            paramLabel = "F",
            defaultValue = "table",
            description = "table, csv or json (an object a line); default ${DEFAULT-VALUE}.")
    private String format;

    @Parameters(paramLabel = "QUERY", description = "One statement.")
    private String query;

    @Mixin
    private SparkOptions spark;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        SqlAction action = new SqlAction(results, query, ResultFormat.named(format)).check();
        try (OpenSession session = spark.settings().open("spikelet sql")) {
            action.execute(session.spark(), out, spec.commandLine().getErr());
        }
        out.flush();
        return ExitStatus.DONE;
    }
}

package io.spikelet.job.cli;

import io.spikelet.job.UsageException;
import io.spikelet.job.action.OpenSession;
import io.spikelet.job.action.SqlAction;
import io.spikelet.job.sql.ResultFormat;
import io.spikelet.job.sql.ResultPrinter;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** SQL queries over the tables of runs. */
@Command(
        name = "sql",
        description = "Runs Spark SQL over result tables; each table is a view of its name.",
        footer = {
            "",
            "Example:",
            "  spikelet sql --results out \"SELECT finish_reason, count(*) FROM completions GROUP BY ALL\"",
            "  spikelet sql --results out",
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
            description = "table, csv or json (one object per line); default ${DEFAULT-VALUE}.")
    private String format;

    @Option(
            names = "--max-width",
            paramLabel = "N",
            defaultValue = "" + ResultPrinter.WIDEST_CELL,
            description = "Characters of a cell of a table, after which it is cut; 0 for whole texts; default "
                    + "${DEFAULT-VALUE}.")
    private int maxWidth;

    @Option(
            names = {"-f", "--file"},
            paramLabel = "FILE",
            description = "A file of statements, UTF-8, instead of QUERY; - is standard input.")
    private String file;

    @Parameters(
            paramLabel = "QUERY",
            arity = "0..1",
            description =
                    "Statements separated by semicolons. Without QUERY and --file, an interactive prompt reads "
                            + "them in one session; Tab completes names, and its history is ~/.local/state/spikelet/sql_history.")
    private String query;

    @Mixin
    private SparkOptions spark;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        Optional<String> statements = statements();
        SqlAction action = new SqlAction(results, statements.orElse(""), ResultFormat.named(format), maxWidth).check();
        try (OpenSession session = spark.open()) {
            if (statements.isPresent()) {
                action.execute(session.spark(), out, err);
            } else {
                action.open(session.spark());
                try (Terminal terminal =
                        TerminalBuilder.builder().name("spikelet").dumb(true).build()) {
                    SqlLines lines = new SqlLines(terminal, session.spark(), SqlLines.historyFile());
                    new SqlPrompt(action, session.spark(), lines).run(out, err);
                }
            }
        }
        out.flush();
        return ExitStatus.DONE;
    }

    /** The statements of the command line or of the file; none for the prompt. */
    private Optional<String> statements() throws IOException {
        if (query != null && file != null) {
            throw new UsageException("there is both a QUERY and --file " + file + "; give one of them");
        }
        if (query != null) {
            return Optional.of(query);
        }
        boolean isTerminal = System.console() != null && System.console().isTerminal();
        if (file == null && isTerminal) {
            return Optional.empty();
        }
        byte[] bytes = file == null || file.equals("-") ? System.in.readAllBytes() : Files.readAllBytes(Path.of(file));
        return Optional.of(new String(bytes, StandardCharsets.UTF_8));
    }
}

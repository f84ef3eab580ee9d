package io.spikelet.job.cli;

import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.UnmatchedArgumentException;

/** The main class of the job jar: {@code spikelet <command>}, alone, by {@code scripts/spikelet} or by spark-submit. */
@Command(
        name = "spikelet",
        description = "Runs spiking language models over whole datasets on Apache Spark.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        scope = ScopeType.INHERIT,
        synopsisSubcommandLabel = "COMMAND",
        sortOptions = false,
        sortSynopsis = false,
        subcommands = {
            // on Spark
            GenerateCommand.class,
            PerplexityCommand.class,
            ChoiceCommand.class,
            CompareCommand.class,
            CompareRunsCommand.class,
            SqlCommand.class,
            DemoCommand.class,
            // engine alone
            ConvertCommand.class,
            InspectCommand.class,
            LogitsCommand.class,
            TokenizeCommand.class,
            SynthesizeCommand.class,
            BenchCommand.class,
            BenchScoringCommand.class,
        },
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:done",
            "1:the job finished, but more rows failed than allowed",
            "2:wrong usage or bad input, found before work began",
            "3:the run failed",
        },
        footer = {
            "",
            "Begin with 'spikelet demo'; 'spikelet COMMAND --help' tells the options of a command.",
        })
public final class Spikelet {
    @Option(
            names = "--verbose",
            scope = ScopeType.INHERIT,
            description = "Print the stack trace of a failure; SPIKELET_DEBUG=1 does the same.")
    private boolean verbose;

    private Spikelet() {}

    /** Runs one command; the exit status is 0 to 3, see {@code --help}. */
    public static void main(String[] args) {
        int status = run(utf8(System.out), utf8(System.err), args);
        // YARN takes any System.exit in a driver for a failure, so success returns instead.
        if (status != ExitStatus.DONE) {
            System.exit(status);
        }
    }

    /** JSON and CSV are UTF-8 whatever the locale says. */
    private static PrintWriter utf8(PrintStream stream) {
        return new PrintWriter(new OutputStreamWriter(stream, StandardCharsets.UTF_8), true);
    }

    static int run(PrintWriter out, PrintWriter err, String... args) {
        Spikelet root = new Spikelet();
        CommandLine commands = new CommandLine(root)
                .setOut(out)
                .setErr(err)
                .setExpandAtFiles(false)
                .setUsageHelpWidth(100)
                .setParameterExceptionHandler((exception, ignored) -> {
                    err.println("spikelet: " + usageProblem(exception));
                    return ExitStatus.BAD_INPUT;
                })
                .setExecutionExceptionHandler((exception, ignored, parsed) -> root.report(exception, err));
        try {
            return commands.execute(args);
        } catch (Error error) { // not an exception to picocli, and no reason for a bare stack trace
            return root.report(error, err);
        }
    }

    private int report(Throwable thrown, PrintWriter err) {
        Failure failure = Failure.of(thrown);
        err.println("spikelet: " + failure.line());
        if (verbose || System.getenv("SPIKELET_DEBUG") != null) {
            thrown.printStackTrace(err);
        }
        return failure.status();
    }

    private static String usageProblem(ParameterException exception) {
        String suggestion = exception instanceof UnmatchedArgumentException unmatched
                ? unmatched.getSuggestions().stream()
                        .findFirst()
                        .map(name -> "; did you mean " + name + "?")
                        .orElse("")
                : "";
        return Failure.oneLine(exception.getMessage()) + suggestion + " (see '"
                + exception.getCommandLine().getCommandSpec().qualifiedName() + " --help')";
    }
}

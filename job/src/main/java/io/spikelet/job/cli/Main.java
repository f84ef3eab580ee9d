package io.spikelet.job.cli;

import io.spikelet.job.MessageText;
import io.spikelet.job.Redaction;
import io.spikelet.job.UsageException;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
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
            PlanCommand.class,
            PerplexityCommand.class,
            ChoiceCommand.class,
            CompareCommand.class,
            CompareRunsCommand.class,
            SqlCommand.class,
            ReportCommand.class,
            DemoCommand.class,
            // engine alone
            ConvertCommand.class,
            InspectCommand.class,
            LogitsCommand.class,
            TokenizeCommand.class,
            SynthesizeCommand.class,
            BenchCommand.class,
            CompletionCommand.class,
        },
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:done",
            "1:the job finished, but more rows failed than allowed",
            "2:wrong usage or bad input, found before work began",
            "3:the run failed",
            "4:the run was stopped by Ctrl-C or SIGTERM; --resume continues it",
        },
        footer = {
            "",
            "Start with 'spikelet demo'; 'spikelet COMMAND --help' lists the options of a command.",
        })
public final class Main {
    @Option(
            names = "--verbose",
            scope = ScopeType.INHERIT,
            description = "Print the stack trace of a failure; SPIKELET_DEBUG=1 does the same.")
    private boolean verbose;

    @Option(
            names = "--quiet",
            scope = ScopeType.INHERIT,
            description = "Print results and errors, but no progress, notes or closing line.")
    private boolean quiet;

    @Option(
            names = "--print-config",
            scope = ScopeType.INHERIT,
            description = "Print every option with its value and its source, and do nothing else.")
    private boolean printConfig;

    private static final char LOST = '\ufffd';

    private Redaction redaction = Redaction.of(List.of());

    private Main() {}

    /** Runs one command; the exit status is 0 to 4, see {@code --help}. */
    public static void main(String[] args) {
        LoginName.useNumberWithoutName();
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
        Main root = new Main();
        try {
            requireRepresented(args);
            root.redaction = Redaction.of(Arrays.asList(args));
            ConfiguredArguments configured = ConfiguredArguments.of(commands(), args);
            root.redaction = Redaction.of(configured.arguments());
            CommandLine commands = commands(root)
                    .setOut(out)
                    .setErr(err)
                    .setParameterExceptionHandler((exception, ignored) -> {
                        if (exception instanceof MissingParameterException
                                && exception.getCommandLine().getCommand() instanceof ChoiceCommand choice
                                && choice.listsTasks()) {
                            TaskFiles.list(out);
                            return ExitStatus.DONE;
                        }
                        err.println("spikelet: " + root.usageProblem(exception, configured.origins()));
                        return ExitStatus.BAD_INPUT;
                    })
                    .setExecutionExceptionHandler(
                            (exception, command, parsed) -> root.report(exception, command.getCommandSpec(), err))
                    .setExecutionStrategy(parsed -> root.execute(parsed, configured.origins(), out));
            return commands.execute(configured.arguments().toArray(String[]::new));
        } catch (UsageException e) {
            return root.report(e, CommandSpec.create(), err);
        } catch (Error error) { // not an exception to picocli, and no reason for a bare stack trace
            return root.report(error, CommandSpec.create(), err);
        }
    }

    /** A JVM whose locale is not one of UTF-8 has lost the characters before anybody could look at them. */
    private static void requireRepresented(String... args) {
        String encoding = System.getProperty("sun.jnu.encoding", "UTF-8");
        for (int i = 0; i < args.length && !encoding.equalsIgnoreCase("UTF-8"); i++) {
            if (args[i].indexOf(LOST) >= 0) {
                throw new UsageException("argument " + (i + 1) + " has characters that the locale of this JVM ("
                        + encoding + ") cannot hold: " + args[i]
                        + "; set LC_ALL=C.UTF-8, or another locale of UTF-8, before Java starts");
            }
        }
    }

    /** All commands, as they are. */
    static CommandLine commands() {
        return commands(new Main());
    }

    private static CommandLine commands(Main root) {
        CommandLine commands = new CommandLine(root);
        JobFileOption.addTo(commands);
        return commands.setExpandAtFiles(false).setUsageHelpWidth(100);
    }

    private int execute(ParseResult parsed, Map<String, String> origins, PrintWriter out) {
        if (quiet) {
            parsed.commandSpec().commandLine().setErr(new PrintWriter(Writer.nullWriter()));
        }
        Integer helped = CommandLine.executeHelpRequest(parsed);
        if (helped == null && printConfig && parsed.hasSubcommand()) {
            ConfigurationListing.print(parsed.subcommand(), origins, redaction, out);
            return ExitStatus.DONE;
        }
        return helped == null ? new CommandLine.RunLast().execute(parsed) : helped;
    }

    private int report(Throwable thrown, CommandSpec command, PrintWriter err) {
        Failure failure = Failure.of(thrown, command.findOption("--batch-size") != null);
        err.println("spikelet: " + redaction.text(failure.line()));
        if (verbose || System.getenv("SPIKELET_DEBUG") != null) {
            StringWriter trace = new StringWriter();
            thrown.printStackTrace(new PrintWriter(trace, true));
            err.print(MessageText.visible(redaction.text(trace.toString())));
            err.flush();
        }
        return failure.status();
    }

    private String usageProblem(ParameterException exception, Map<String, String> origins) {
        String suggestion = exception instanceof UnmatchedArgumentException unmatched
                ? unmatched.getSuggestions().stream()
                        .findFirst()
                        .map(name -> "; did you mean " + name + "?")
                        .orElse("")
                : "";
        String origin = exception.getArgSpec() instanceof OptionSpec option
                ? Optional.ofNullable(origins.get(ConfiguredArguments.name(option)))
                        .filter(from -> !from.equals(ConfiguredArguments.COMMAND_LINE))
                        .map(from -> ", from " + from)
                        .orElse("")
                : "";
        return redaction.text(MessageText.line(exception.getMessage())) + origin + suggestion + " (see '"
                + exception.getCommandLine().getCommandSpec().qualifiedName() + " --help')";
    }
}

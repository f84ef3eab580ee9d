package io.spikelet.job.cli;

import io.spikelet.job.MessageText;
import io.spikelet.job.Redaction;
import io.spikelet.job.UsageException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.PicocliException;
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
            "130:a second Ctrl-C ended the run at once; --resume continues it",
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

    private List<String> words = List.of();
    private Redaction redaction = Redaction.of(words);

    private Main() {}

    /** Runs one command; the exit status is 0 to 4, see {@code --help}. */
    public static void main(String[] args) {
        LoginName.useNumberWithoutName();
        int status = run(utf8(System.out), utf8(System.err), args);
        // YARN takes any System.exit in a driver for a failure, so success returns instead.
        if (status != ExitStatus.DONE) {
            // The command has said its last line. Tasks of a failed run may still be at work in this JVM, and some
            // libraries print the exceptions that its end gives them.
            System.setErr(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
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
            root.words = List.of(args);
            root.redaction = Redaction.of(root.words);
            CommandLine commands = commands(root);
            ConfiguredDefaults defaults = new ConfiguredDefaults(commands);
            return commands.setOut(out)
                    .setErr(err)
                    .setDefaultValueProvider(defaults)
                    .setParameterExceptionHandler((exception, ignored) -> root.refuse(exception, defaults, out, err))
                    .setExecutionExceptionHandler(
                            (exception, command, parsed) -> root.report(exception, command.getCommandSpec(), err))
                    .setExecutionStrategy(parsed -> root.execute(parsed, defaults, out))
                    .execute(args);
        } catch (UsageException | PicocliException e) { // of a default that is asked for early
            return root.report(usage(e).orElseThrow(() -> e), CommandSpec.create(), err);
        } catch (Error error) { // not an exception to picocli, and no reason for a bare stack trace
            return root.report(error, CommandSpec.create(), err);
        }
    }

    private static Optional<UsageException> usage(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof UsageException usage) {
                return Optional.of(usage);
            }
        }
        return Optional.empty();
    }

    private int refuse(ParameterException exception, ConfiguredDefaults defaults, PrintWriter out, PrintWriter err) {
        addSecrets(defaults);
        Optional<UsageException> usage = usage(exception);
        if (usage.isPresent()) {
            return report(usage.get(), CommandSpec.create(), err);
        }
        if (exception instanceof MissingParameterException
                && exception.getCommandLine().getCommand() instanceof ChoiceCommand choice
                && choice.listsTasks()) {
            TaskFiles.list(out);
            return ExitStatus.DONE;
        }
        err.println("spikelet: " + usageProblem(exception, defaults));
        return ExitStatus.BAD_INPUT;
    }

    private void addSecrets(ConfiguredDefaults defaults) {
        redaction = Redaction.of(
                Stream.concat(words.stream(), defaults.conf().stream()).toList());
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
        ConfiguredDefaults.addJobFile(commands);
        return commands.setExpandAtFiles(false).setUsageHelpWidth(100);
    }

    private int execute(ParseResult parsed, ConfiguredDefaults defaults, PrintWriter out) {
        if (parsed.hasSubcommand()) {
            defaults.complete(parsed.subcommand());
        }
        addSecrets(defaults);
        if (quiet) {
            parsed.commandSpec().commandLine().setErr(new PrintWriter(Writer.nullWriter()));
        }
        Integer helped = CommandLine.executeHelpRequest(parsed);
        if (helped == null && printConfig && parsed.hasSubcommand()) {
            ConfigurationListing.print(parsed.subcommand(), defaults, redaction, out);
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

    /** A misspelled required option is not reported as missing. */
    private String usageProblem(ParameterException exception, ConfiguredDefaults defaults) {
        CommandSpec command = exception.getCommandLine().getCommandSpec();
        Optional<String> unknown = command.parent() == null
                ? Optional.empty()
                : exception.getCommandLine().getParseResult().unmatched().stream()
                        .flatMap(word -> defaults.unknown(command, word).stream())
                        .findFirst();
        String suggestion = exception instanceof UnmatchedArgumentException unmatched
                ? unmatched.getSuggestions().stream()
                        .findFirst()
                        .map(name -> "; did you mean " + name + "?")
                        .orElse("")
                : "";
        String origin = exception.getArgSpec() instanceof OptionSpec option
                ? defaults.origin(option).map(from -> ", from " + from).orElse("")
                : "";
        String problem = unknown.orElseGet(() -> exception.getMessage());
        return redaction.text(MessageText.line(problem))
                + (unknown.isPresent() ? "" : origin + suggestion)
                + " (see '" + command.qualifiedName() + " --help')";
    }
}

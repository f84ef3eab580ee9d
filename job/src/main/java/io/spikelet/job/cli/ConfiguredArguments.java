package io.spikelet.job.cli;

import io.spikelet.job.UsageException;
import io.spikelet.job.executor.NodeCacheSettings;
import io.spikelet.job.task.RunControl;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * A command line completed from the job file that it names and from Spark's configuration. The only place that decides
 * the value of an option: that of the command line, else of the job file, else of {@code spark.spikelet.<option>}, else
 * the option's default. An option whose values are pairs takes pairs from file and command line together.
 *
 * @param arguments all of them
 * @param origins where the value of an option comes from, by its name without dashes; not those that have their default
 */
record ConfiguredArguments(List<String> arguments, Map<String, String> origins) {
    static final String COMMAND_LINE = "command line";
    static final String SPARK_CONF = "Spark conf";

    private static final String CONF = "conf";
    private static final String PROPERTY_PREFIX = "spark.spikelet.";

    /** Properties with that prefix that are no options: executors read them. */
    private static final Set<String> PROPERTIES =
            Set.of(NodeCacheSettings.DIRECTORY, NodeCacheSettings.LIMIT, RunControl.STOP_TIMEOUT);

    /** Options that control the processing of other options. */
    private static final Set<String> ABOUT_OPTIONS = Set.of("help", "version", "job-file", "print-config");

    ConfiguredArguments {
        arguments = List.copyOf(arguments);
        origins = Map.copyOf(origins);
    }

    /**
     * Completes a command line.
     *
     * @param commands that parse them; changed by it
     * @throws UsageException if the command line, the file or a property names no option of the command
     */
    static ConfiguredArguments of(CommandLine commands, String... args) {
        collectErrors(commands);
        ParseResult parsed = commands.parseArgs(args);
        if (!parsed.hasSubcommand() || asksForHelp(parsed) || asksForHelp(parsed.subcommand())) {
            return new ConfiguredArguments(Arrays.asList(args), Map.of());
        }
        ParseResult command = parsed.subcommand();
        requireKnown(command, commands);
        Optional<JobFile> file = JobFileOption.file(command).map(JobFile::read);
        file.ifPresent(known -> requireKnown(known, command.commandSpec(), commands));
        Map<String, String> properties = properties(command, file, commands);
        List<String> added = new ArrayList<>();
        Map<String, String> origins = new HashMap<>();
        for (OptionSpec option : options(command.commandSpec())) {
            add(option, command, file, properties, added, origins);
        }
        List<String> arguments = new ArrayList<>(Arrays.asList(args));
        // right behind the command's name, so that what the user wrote comes later
        arguments.addAll(arguments.indexOf(command.commandSpec().name()) + 1, added);
        return new ConfiguredArguments(arguments, origins);
    }

    /** The options of a command that have values to configure, by the order of its help. */
    static List<OptionSpec> options(CommandSpec command) {
        return command.options().stream()
                .filter(option -> !ABOUT_OPTIONS.contains(name(option)))
                .toList();
    }

    /** The name of an option without dashes. */
    static String name(OptionSpec option) {
        return option.longestName().substring(2);
    }

    private static void add(
            OptionSpec option,
            ParseResult command,
            Optional<JobFile> file,
            Map<String, String> properties,
            List<String> added,
            Map<String, String> origins) {
        String name = name(option);
        boolean isGiven = command.hasMatchedOption(option);
        Optional<List<String>> inFile = file.map(known -> known.values().get(name));
        if (isGiven) {
            origins.put(name, COMMAND_LINE);
        }
        if (inFile.isPresent() && (!isGiven || option.typeInfo().isMap())) {
            inFile.get().forEach(value -> added.add(option.longestName() + "=" + value));
            origins.merge(name, file.orElseThrow().name(), (given, own) -> given + ", " + own);
        } else if (!isGiven && properties.containsKey(name)) {
            added.add(option.longestName() + "=" + properties.get(name));
            origins.put(name, SPARK_CONF);
        }
    }

    private static void collectErrors(CommandLine commands) {
        commands.getCommandSpec().parser().collectErrors(true);
        commands.getSubcommands().values().forEach(ConfiguredArguments::collectErrors);
    }

    private static boolean asksForHelp(ParseResult parsed) {
        return parsed.isUsageHelpRequested() || parsed.isVersionHelpRequested();
    }

    /** A misspelled required option is not reported as missing. */
    private static void requireKnown(ParseResult command, CommandLine commands) {
        List<String> known = options(command.commandSpec()).stream()
                .flatMap(ConfiguredArguments::spellings)
                .toList();
        for (String word : command.unmatched()) {
            String name = word.split("=", 2)[0];
            if (name.startsWith("--")) {
                throw new UsageException(name + " is " + reason(name.substring(2), command.commandSpec(), commands)
                        + nearest(name, known) + " (see '"
                        + command.commandSpec().qualifiedName() + " --help')");
            }
        }
    }

    private static Stream<String> spellings(OptionSpec option) {
        Stream<String> names = Arrays.stream(option.names());
        return option.negatable() ? Stream.concat(names, Stream.of("--no-" + name(option))) : names;
    }

    private static String reason(String name, CommandSpec command, CommandLine commands) {
        return allNames(commands).contains(name)
                ? "an option of other commands, but not of " + command.name()
                : "no option of " + command.name();
    }

    private static void requireKnown(JobFile file, CommandSpec command, CommandLine commands) {
        List<String> known =
                options(command).stream().map(ConfiguredArguments::name).toList();
        for (String key : file.values().keySet()) {
            if (!known.contains(key)) {
                throw new UsageException("--config " + file.name() + ": " + key + " is "
                        + reason(key, command, commands) + nearest(key, known));
            }
        }
    }

    private static String nearest(String key, Collection<String> known) {
        return NearestName.of(key, known)
                .map(name -> "; did you mean " + name + "?")
                .orElse("");
    }

    private static Set<String> allNames(CommandLine commands) {
        Set<String> names = new TreeSet<>();
        for (CommandLine command : commands.getSubcommands().values()) {
            options(command.getCommandSpec()).forEach(option -> names.add(name(option)));
        }
        return names;
    }

    /** By option name; a property may be meant for other commands. */
    private static Map<String, String> properties(ParseResult command, Optional<JobFile> file, CommandLine commands) {
        SparkConf conf = new SparkConf();
        file.map(known -> known.values().getOrDefault(CONF, List.of())).stream()
                .flatMap(List::stream)
                .map(pair -> pair.split("=", 2))
                .filter(pair -> pair.length == 2)
                .forEach(pair -> conf.set(pair[0], pair[1]));
        Map<String, String> given = command.matchedOptionValue("--" + CONF, Map.of());
        given.forEach(conf::set);
        Set<String> names = allNames(commands);
        Map<String, String> properties = new LinkedHashMap<>();
        for (var property : conf.getAllWithPrefix(PROPERTY_PREFIX)) {
            String name = property._1();
            if (PROPERTIES.contains(PROPERTY_PREFIX + name)) {
                continue;
            }
            if (!names.contains(name)) {
                throw new UsageException(
                        "Spark conf: " + PROPERTY_PREFIX + name + " names no option" + nearest(name, names));
            }
            properties.put(name, property._2());
        }
        return properties;
    }
}

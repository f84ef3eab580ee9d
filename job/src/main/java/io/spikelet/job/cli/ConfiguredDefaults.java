package io.spikelet.job.cli;

import io.spikelet.job.UsageException;
import io.spikelet.job.executor.NodeCacheSettings;
import io.spikelet.job.task.RunControl;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.commons.text.similarity.LevenshteinDistance;
import org.apache.spark.SparkConf;
import picocli.CommandLine;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * The values of options that a command line does not give: those of the job file that it names, else of {@code
 * spark.spikelet.<option>}. An option whose values are pairs takes pairs from file and command line together. picocli asks
 * for them once it has read the words of a command; {@link #complete} sets those that are not one text. Not thread-safe.
 */
final class ConfiguredDefaults implements IDefaultValueProvider {
    static final String COMMAND_LINE = "command line";
    static final String SPARK_CONF = "Spark conf";

    private static final String CONFIG = "--config";
    private static final String JOB_FILE = "--job-file";
    private static final String CONF = "conf";
    private static final String PROPERTY_PREFIX = "spark.spikelet.";

    /** Properties with that prefix that are no options: executors read them. */
    private static final Set<String> PROPERTIES =
            Set.of(NodeCacheSettings.DIRECTORY, NodeCacheSettings.LIMIT, RunControl.STOP_TIMEOUT);

    /** Options that control the processing of other options. */
    private static final Set<String> ABOUT_OPTIONS = Set.of("help", "version", "job-file", "print-config");

    private static final ConfigFile NO_FILE = new ConfigFile("", Map.of());

    private final CommandLine commands;
    private final Map<String, String> origins = new HashMap<>();
    private final Map<OptionSpec, Object> later = new HashMap<>();
    private CommandSpec command; // whose words have been read, or null
    private Path path; // that it names, or null
    private ConfigFile file = NO_FILE;
    private Map<String, String> properties = Map.of();

    /** @param commands all commands, with {@link #addJobFile} */
    ConfiguredDefaults(CommandLine commands) {
        this.commands = commands;
    }

    /**
     * Gives every command the option that names a job file: {@code --job-file}, and {@code --config} where it has no other
     * use for that.
     */
    static void addJobFile(CommandLine commands) {
        for (CommandLine command : commands.getSubcommands().values()) {
            CommandSpec spec = command.getCommandSpec();
            boolean isTaken = spec.findOption(CONFIG) != null;
            spec.addOption(OptionSpec.builder(isTaken ? new String[] {JOB_FILE} : new String[] {CONFIG, JOB_FILE})
                    .type(Path.class)
                    .paramLabel("FILE")
                    .description(
                            "A job file: YAML with option names without dashes. The command line takes precedence over "
                                    + "it, and it takes precedence over Spark properties named spark.spikelet.OPTION.")
                    .build());
        }
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

    /** Where the value of an option comes from that the command line does not give; empty if it has its default. */
    Optional<String> origin(OptionSpec option) {
        return Optional.ofNullable(origins.get(name(option)));
    }

    /** The values of an option that has them from here. */
    List<String> values(OptionSpec option) {
        String name = name(option);
        return file.values()
                .getOrDefault(name, properties.containsKey(name) ? List.of(properties.get(name)) : List.of());
    }

    /** Pairs of the job file for Spark's configuration. */
    List<String> conf() {
        return file.values().getOrDefault(CONF, List.of());
    }

    /**
     * @throws UsageException if the file or a property names no option of the command
     */
    @Override
    public String defaultValue(ArgSpec arg) {
        if (!(arg instanceof OptionSpec option)
                || asksForHelp(commands)
                || asksForHelp(arg.command().commandLine())) {
            return null;
        }
        if (arg.command() != commands.getCommandSpec()) { // whose own options come last
            read(arg.command());
        }
        List<String> values = ABOUT_OPTIONS.contains(name(option)) ? List.of() : values(option);
        if (command == null || values.isEmpty() || option.typeInfo().isMap()) {
            return null;
        }
        origins.put(name(option), file.values().containsKey(name(option)) ? file.name() : SPARK_CONF);
        if (!option.isMultiValue() && values.size() > 1) {
            throw new ParameterException(
                    command.commandLine(), "option '" + option.longestName() + "' takes one value", option, "");
        }
        boolean isList = option.isMultiValue() && option.splitRegex().isEmpty();
        if (isList || isFlag(option)) {
            later.put(option, isList ? List.copyOf(values) : flag(option, values.getFirst()));
            return null;
        }
        return String.join(",", values).replace("$", "$$"); // values are taken as they are written
    }

    /** Sets what picocli does not take as one text: a flag's default would turn around what the flag means. */
    void complete(ParseResult parsed) {
        later.forEach((option, value) -> {
            if (!parsed.hasMatchedOption(option)) {
                option.setValue(value);
            }
        });
        OptionSpec conf = parsed.commandSpec().findOption("--" + CONF);
        if (conf != null && !conf().isEmpty()) {
            origins.put(CONF, parsed.hasMatchedOption(conf) ? COMMAND_LINE + ", " + file.name() : file.name());
            conf.setValue(pairs(conf));
        }
    }

    static boolean isFlag(OptionSpec option) {
        return !option.isMultiValue() && option.arity().max() == 0;
    }

    private boolean flag(OptionSpec option, String text) {
        if (!text.equalsIgnoreCase("true") && !text.equalsIgnoreCase("false")) {
            throw new ParameterException(
                    command.commandLine(),
                    "Invalid value for option '" + option.longestName() + "': '" + text + "' is not a boolean",
                    option,
                    text);
        }
        return Boolean.parseBoolean(text);
    }

    private static boolean asksForHelp(CommandLine parsed) {
        return parsed.isUsageHelpRequested() || parsed.isVersionHelpRequested();
    }

    /** Reads what the command names, unless that is known. */
    private void read(CommandSpec asking) {
        Path named = asking.findOption(JOB_FILE).getValue();
        if (asking.equals(command) && Objects.equals(named, path)) {
            return;
        }
        file = named == null ? NO_FILE : ConfigFile.read(named);
        requireKnown(asking);
        properties = properties(asking);
        command = asking;
        path = named;
    }

    /** The pairs of the job file, and those of the command line, which take precedence. */
    private Map<String, String> pairs(OptionSpec conf) {
        Map<String, String> pairs = new LinkedHashMap<>();
        conf().stream()
                .map(pair -> pair.split("=", 2))
                .filter(pair -> pair.length == 2)
                .forEach(pair -> pairs.put(pair[0], pair[1]));
        pairs.putAll(conf.<Map<String, String>>getValue());
        return pairs;
    }

    /** By option name; a property may be meant for other commands. */
    private Map<String, String> properties(CommandSpec asking) {
        SparkConf conf = new SparkConf();
        Optional.ofNullable(asking.findOption("--" + CONF))
                .ifPresent(option -> pairs(option).forEach(conf::set));
        Set<String> names = allNames();
        Map<String, String> found = new LinkedHashMap<>();
        for (var property : conf.getAllWithPrefix(PROPERTY_PREFIX)) {
            String name = property._1();
            if (PROPERTIES.contains(PROPERTY_PREFIX + name)) {
                continue;
            }
            if (!names.contains(name)) {
                throw new UsageException(
                        "Spark conf: " + PROPERTY_PREFIX + name + " names no option" + nearest(name, names));
            }
            found.put(name, property._2());
        }
        return found;
    }

    private void requireKnown(CommandSpec asking) {
        List<String> known =
                options(asking).stream().map(ConfiguredDefaults::name).toList();
        for (String key : file.values().keySet()) {
            if (!known.contains(key)) {
                throw new UsageException(
                        "--config " + file.name() + ": " + key + " is " + reason(key, key, asking, known));
            }
        }
    }

    /** What is wrong with a word that is no option of its command, if it looks like one. */
    Optional<String> unknown(CommandSpec of, String word) {
        String name = word.split("=", 2)[0];
        List<String> known =
                options(of).stream().flatMap(ConfiguredDefaults::spellings).toList();
        return name.startsWith("--")
                ? Optional.of(name + " is " + reason(name, name.substring(2), of, known))
                : Optional.empty();
    }

    private static Stream<String> spellings(OptionSpec option) {
        Stream<String> names = Arrays.stream(option.names());
        return option.negatable() ? Stream.concat(names, Stream.of("--no-" + name(option))) : names;
    }

    private String reason(String given, String name, CommandSpec of, Collection<String> known) {
        return allNames().contains(name)
                ? "an option of other commands, but not of " + of.name()
                : "no option of " + of.name() + nearest(given, known);
    }

    /** The known name that takes the fewest edits, as a question. */
    private static String nearest(String key, Collection<String> known) {
        return known.stream()
                .min(Comparator.comparingInt((String name) ->
                                LevenshteinDistance.getDefaultInstance().apply(key, name))
                        .thenComparing(Comparator.naturalOrder()))
                .map(name -> "; did you mean " + name + "?")
                .orElse("");
    }

    private Set<String> allNames() {
        Set<String> names = new TreeSet<>();
        for (CommandLine each : commands.getSubcommands().values()) {
            options(each.getCommandSpec()).forEach(option -> names.add(name(option)));
        }
        return names;
    }
}

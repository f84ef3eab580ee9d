package io.spikelet.job.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.spikelet.job.Redaction;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** What {@code --print-config} prints: a job file of every option of a command, with the origin of each value. */
final class ConfigurationListing {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_./-]+");

    private ConfigurationListing() {}

    static void print(ParseResult command, ConfiguredDefaults defaults, Redaction redaction, PrintWriter out) {
        out.println("# " + command.commandSpec().qualifiedName());
        for (OptionSpec option : ConfiguredDefaults.options(command.commandSpec())) {
            String name = ConfiguredDefaults.name(option);
            boolean isGiven = command.hasMatchedOption(option);
            String origin = isGiven
                            && !(option.typeInfo().isMap()
                                    && defaults.origin(option).isPresent())
                    ? ConfiguredDefaults.COMMAND_LINE
                    : defaults.origin(option).orElse("default");
            List<String> values = isGiven
                    ? command.matchedOption(option.longestName()).stringValues()
                    : defaults.origin(option).isPresent()
                            ? defaults.values(option)
                            : option.defaultValue() == null ? List.of() : List.of(option.defaultValue());
            String yaml = yaml(option, values, redaction);
            out.println(yaml.isEmpty() ? "#" + name + ":  # not set" : name + ": " + yaml + "  # " + origin);
        }
        out.flush();
    }

    /** Nothing if there is no value. */
    private static String yaml(OptionSpec option, List<String> values, Redaction redaction) {
        if (ConfiguredDefaults.isFlag(option)) {
            return String.valueOf(option.<Object>getValue());
        }
        if (option.typeInfo().isMap()) {
            Map<String, String> pairs = new LinkedHashMap<>(option.<Map<String, String>>getValue());
            pairs.replaceAll(redaction::value);
            return pairs.isEmpty() ? "" : json(pairs);
        }
        if (values.isEmpty()) {
            return "";
        }
        if (option.isMultiValue()) {
            return json(values.stream().map(redaction::text).toList());
        }
        String value = redaction.text(values.getLast());
        return PLAIN.matcher(value).matches() ? value : json(value);
    }

    private static String json(Object value) {
        return JSON.valueToTree(value).toString();
    }
}

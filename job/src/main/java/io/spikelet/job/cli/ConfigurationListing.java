package io.spikelet.job.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
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

    static void print(ParseResult command, Map<String, String> origins, Redaction redaction, PrintWriter out) {
        out.println("# " + command.commandSpec().qualifiedName());
        for (OptionSpec option : ConfiguredArguments.options(command.commandSpec())) {
            String name = ConfiguredArguments.name(option);
            List<String> values = values(command, option);
            if (values.isEmpty()) {
                out.println("#" + name + ":  # not set");
            } else {
                out.println(
                        name + ": " + yaml(option, values, redaction) + "  # " + origins.getOrDefault(name, "default"));
            }
        }
        out.flush();
    }

    private static List<String> values(ParseResult command, OptionSpec option) {
        boolean isFlag = !option.isMultiValue() && option.arity().max() == 0;
        if (isFlag) {
            return List.of(String.valueOf(option.<Object>getValue()));
        }
        if (command.hasMatchedOption(option)) {
            OptionSpec matched = command.matchedOption(option.longestName());
            return option.typeInfo().isMap() ? matched.originalStringValues() : matched.stringValues();
        }
        return option.defaultValue() == null ? List.of() : List.of(option.defaultValue());
    }

    private static String yaml(OptionSpec option, List<String> values, Redaction redaction) {
        if (option.typeInfo().isMap()) {
            Map<String, String> pairs = new LinkedHashMap<>();
            values.stream().map(redaction::pair).forEach(pair -> pairs.put(pair.getKey(), pair.getValue()));
            return json(pairs);
        }
        if (option.isMultiValue()) {
            return json(values.stream().map(redaction::text).toList());
        }
        String value = redaction.text(values.getLast());
        return PLAIN.matcher(value).matches() ? value : json(value);
    }

    private static String json(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("texts are plain values", e);
        }
    }
}

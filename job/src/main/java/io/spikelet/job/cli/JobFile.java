package io.spikelet.job.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.spikelet.job.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A job file: a YAML mapping from names of options, without dashes, to their values. A list gives an option several values,
 * a mapping gives it pairs.
 *
 * @param name names the file in messages
 * @param values by option name, as they would stand on the command line
 */
record JobFile(String name, Map<String, List<String>> values) {
    private static final long MOST_BYTES = 1 << 20;
    private static final YAMLMapper YAML = new YAMLMapper(YAMLFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build());

    JobFile {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /**
     * Reads a file.
     *
     * @throws UsageException if it cannot be read or is not such a mapping
     */
    static JobFile read(Path file) {
        String name = file.toString();
        try {
            if (Files.size(file) > MOST_BYTES) {
                throw new UsageException("--config " + name + " has " + Files.size(file)
                        + " bytes; a job file has at most " + MOST_BYTES);
            }
            JsonNode root = YAML.readTree(Files.readAllBytes(file));
            if (root.isMissingNode() || root.isNull()) {
                return new JobFile(name, Map.of());
            }
            if (!root.isObject()) {
                throw new UsageException(
                        "--config " + name + " is not a YAML mapping; write lines such as \"max-new-tokens: 64\"");
            }
            Map<String, List<String>> values = new LinkedHashMap<>();
            root.properties()
                    .forEach(field -> values.put(field.getKey(), values(name, field.getKey(), field.getValue())));
            return new JobFile(name, values);
        } catch (JsonProcessingException e) {
            throw new UsageException("--config " + name + " is not YAML: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new UsageException("cannot read --config " + name + ": " + e.getMessage(), e);
        }
    }

    private static List<String> values(String file, String key, JsonNode value) {
        List<String> values = new ArrayList<>();
        if (value.isObject()) {
            value.properties().forEach(pair -> values.add(pair.getKey() + "=" + scalar(file, key, pair.getValue())));
        } else if (value.isArray()) {
            value.forEach(item -> values.add(scalar(file, key, item)));
        } else {
            values.add(scalar(file, key, value));
        }
        return List.copyOf(values);
    }

    private static String scalar(String file, String key, JsonNode value) {
        boolean isEmpty =
                value.isNull() || (value.isValueNode() && value.asText().isEmpty());
        if (!value.isValueNode() || isEmpty) {
            throw new UsageException("--config " + file + ": the value of " + key + " is "
                    + (isEmpty ? "empty" : "nested") + "; give a text, a number, true, false, or a list of them");
        }
        return value.asText();
    }
}

package io.spikelet.job.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import io.spikelet.engine.message.Excerpt;
import io.spikelet.job.UsageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A job file: a YAML mapping from names of options, without dashes, to their values. A list gives an option several values,
 * a mapping gives it pairs. Values are taken as they are written, like words of a command line: {@code no} is no boolean and
 * {@code 1.10} keeps its zero.
 *
 * @param name names the file in messages
 * @param values by option name, as they would stand on the command line
 */
record ConfigFile(String name, Map<String, List<String>> values) {
    /** The memory of the YAML parser grows with the square of a long comment or name. */
    private static final int MOST_BYTES = 1 << 16;

    private static final YAMLFactory YAML = YAMLFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(YAMLParser.Feature.PARSE_BOOLEAN_LIKE_WORDS_AS_STRINGS)
            .build();

    ConfigFile {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /**
     * Reads a file.
     *
     * @throws UsageException if it cannot be read or is not such a mapping
     */
    static ConfigFile read(Path file) {
        String name = file.toString();
        try {
            try (YAMLParser yaml = YAML.createParser(BoundedFile.read(file, MOST_BYTES, "--config"))) {
                return new ConfigFile(name, new Reader(name, yaml).options());
            }
        } catch (JsonProcessingException e) {
            throw new UsageException("--config " + name + " is not YAML: " + problem(e), e);
        } catch (IOException e) {
            throw new UsageException("cannot read --config " + name + ": " + e.getMessage(), e);
        }
    }

    /** Without the lines of the file that the parser shows: there may be secrets in them. */
    private static String problem(JsonProcessingException e) {
        String first = e.getOriginalMessage().lines().findFirst().orElse("it cannot be parsed");
        String shown = Excerpt.of(first);
        return e.getLocation() == null
                ? shown
                : shown + " (line " + e.getLocation().getLineNr() + ")";
    }

    private record Reader(String file, YAMLParser yaml) {
        Map<String, List<String>> options() throws IOException {
            Map<String, List<String>> options = new LinkedHashMap<>();
            JsonToken first = next();
            if (first == null || first == JsonToken.VALUE_NULL) {
                return options;
            }
            if (first != JsonToken.START_OBJECT) {
                throw new UsageException(
                        "--config " + file + " is not a YAML mapping; write lines such as \"max-new-tokens: 64\"");
            }
            while (next() != JsonToken.END_OBJECT) {
                String key = key();
                options.put(key, values(key));
            }
            if (next() != null) {
                throw new UsageException("--config " + file + " has a second document (line " + line()
                        + "); a job file has one: delete the line ---");
            }
            return options;
        }

        private List<String> values(String key) throws IOException {
            List<String> values = new ArrayList<>();
            JsonToken token = next();
            if (token == JsonToken.START_ARRAY) {
                while (next() != JsonToken.END_ARRAY) {
                    values.add(scalar(key));
                }
            } else if (token == JsonToken.START_OBJECT) {
                while (next() != JsonToken.END_OBJECT) {
                    String name = key();
                    next();
                    values.add(name + "=" + scalar(key));
                }
            } else {
                values.add(scalar(key));
            }
            return List.copyOf(values);
        }

        private String key() throws IOException {
            String key = yaml.currentName();
            if (key.equals("<<")) {
                throw new UsageException(
                        "--config " + file + ", line " + line() + ": << merges nothing here; write the options out");
            }
            return key;
        }

        private String scalar(String key) throws IOException {
            JsonToken token = yaml.currentToken();
            boolean isEmpty = token == JsonToken.VALUE_NULL
                    || (token.isScalarValue() && yaml.getText().isEmpty());
            if (!token.isScalarValue() || isEmpty) {
                throw new UsageException("--config " + file + ": the value of " + Excerpt.of(key) + " is "
                        + (isEmpty ? "empty" : "nested") + "; give a text, a number, true, false, or a list of them");
            }
            return yaml.getText();
        }

        /** The next token, which has neither a name nor is one for another. */
        private JsonToken next() throws IOException {
            JsonToken token = yaml.nextToken();
            if (token != null && (yaml.isCurrentAlias() || yaml.getObjectId() != null)) {
                throw new UsageException("--config " + file + ", line " + line()
                        + ": anchors (&name) and aliases (*name) are not resolved; write the value out, in quotes if it "
                        + "begins with one of these characters");
            }
            return token;
        }

        private int line() {
            return yaml.currentTokenLocation().getLineNr();
        }
    }
}

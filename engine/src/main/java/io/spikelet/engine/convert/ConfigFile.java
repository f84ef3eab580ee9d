package io.spikelet.engine.convert;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** An upstream {@code config.json} as plain values. Stateless. */
final class ConfigFile {
    private static final int MAX_BYTES = 1 << 20;

    private ConfigFile() {}

    /** The fields of a {@code config.json}. */
    static Map<String, Object> read(Path file) {
        try {
            ForeignContent.refuse(file);
            long size = Files.size(file);
            if (size > MAX_BYTES) {
                throw new CheckpointFormatException(
                        file + " has " + size + " bytes; a config has at most " + MAX_BYTES);
            }
            Map<String, Object> fields = new LinkedHashMap<>();
            for (Map.Entry<String, JsonNode> field :
                    StrictJson.object(Files.readAllBytes(file), file.toString()).properties()) {
                fields.put(field.getKey(), value(field.getValue()));
            }
            return fields;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    private static Object value(JsonNode node) {
        if (node.isNull()) {
            return null;
        }
        if (node.isTextual()) {
            return node.textValue();
        }
        if (node.isBoolean()) {
            return node.booleanValue();
        }
        if (node.isIntegralNumber() && node.canConvertToLong()) {
            return node.longValue();
        }
        if (node.isObject()) {
            Map<String, Object> fields = new LinkedHashMap<>();
            node.properties().forEach(field -> fields.put(field.getKey(), value(field.getValue())));
            return fields;
        }
        return node.isNumber() ? (Object) node.doubleValue() : node.toString();
    }
}

package io.spikelet.engine.model;

import com.fasterxml.jackson.databind.JsonNode;
import io.spikelet.engine.message.Excerpt;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Strict access to one JSON object: every field has a type, and fields that were not read are refused. */
public final class JsonFields {
    private final JsonNode node;
    private final String where;
    private final Set<String> known = new HashSet<>();

    JsonFields(JsonNode node, String where) {
        if (!node.isObject()) {
            throw new ModelFormatException(where + " is not a JSON object");
        }
        this.node = node;
        this.where = where;
    }

    /** A string. */
    public String text(String field) {
        JsonNode value = required(field);
        if (!value.isTextual()) {
            throw wrong(field, "a string");
        }
        return value.textValue();
    }

    /** An optional string; empty if it is absent or null. */
    public Optional<String> optionalText(String field) {
        return present(field) ? Optional.of(text(field)) : Optional.empty();
    }

    /** true or false. */
    public boolean flag(String field) {
        JsonNode value = required(field);
        if (!value.isBoolean()) {
            throw wrong(field, "true or false");
        }
        return value.booleanValue();
    }

    /** A 64-bit integer. */
    public long integer(String field) {
        JsonNode value = required(field);
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw wrong(field, "a 64-bit integer");
        }
        return value.longValue();
    }

    /** A 32-bit integer. */
    public int smallInteger(String field) {
        JsonNode value = required(field);
        if (!value.isIntegralNumber() || !value.canConvertToInt()) {
            throw wrong(field, "a 32-bit integer");
        }
        return value.intValue();
    }

    /** A finite number. */
    public double number(String field) {
        JsonNode value = required(field);
        if (!value.isNumber() || !Double.isFinite(value.doubleValue())) {
            throw wrong(field, "a finite number");
        }
        return value.doubleValue();
    }

    /** A float32 in its shortest decimal form; parsed directly to float to avoid double rounding. */
    public float single(String field) {
        number(field);
        float value = Float.parseFloat(node.get(field).asText());
        if (!Float.isFinite(value)) {
            throw wrong(field, "a finite float32");
        }
        return value;
    }

    List<Integer> smallIntegers(String field) {
        List<Integer> values = new ArrayList<>();
        for (JsonNode element : list(field)) {
            if (!element.isIntegralNumber() || !element.canConvertToInt()) {
                throw wrong(field, "an array of 32-bit integers");
            }
            values.add(element.intValue());
        }
        return values;
    }

    JsonFields object(String field) {
        return new JsonFields(required(field), where + "." + field);
    }

    /** An optional object; empty if it is absent or null. */
    Optional<JsonFields> optionalObject(String field) {
        return present(field) ? Optional.of(object(field)) : Optional.empty();
    }

    /** @param most maximum number of objects */
    List<JsonFields> objects(String field, int most) {
        List<JsonFields> objects = new ArrayList<>();
        JsonNode elements = list(field);
        if (elements.size() > most) {
            throw new ModelFormatException(where + "." + field + " has " + elements.size()
                    + " entries; for this configuration at most " + most + " are read");
        }
        for (JsonNode element : elements) {
            objects.add(new JsonFields(element, where + "." + field + "[" + objects.size() + "]"));
        }
        return objects;
    }

    /** Refuses every field that was not read. */
    void end() {
        node.fieldNames().forEachRemaining(name -> {
            if (!known.contains(name)) {
                throw new ModelFormatException(where + " has the unknown field \"" + Excerpt.of(name)
                        + "\"; a newer program wrote it, or the file is damaged");
            }
        });
    }

    /** Name of the object in messages. */
    public String where() {
        return where;
    }

    private JsonNode list(String field) {
        JsonNode value = required(field);
        if (!value.isArray()) {
            throw wrong(field, "an array");
        }
        return value;
    }

    private boolean present(String field) {
        known.add(field);
        return node.hasNonNull(field);
    }

    private JsonNode required(String field) {
        known.add(field);
        JsonNode value = node.get(field);
        if (value == null) {
            throw new ModelFormatException(where + " lacks the field \"" + field + "\"");
        }
        return value;
    }

    private ModelFormatException wrong(String field, String expected) {
        return new ModelFormatException(
                where + "." + field + " is " + excerpt(node.get(field)) + "; it must be " + expected);
    }

    private static String excerpt(JsonNode value) {
        if (value.isContainerNode()) {
            return (value.isArray() ? "an array of " : "an object of ") + value.size() + " values";
        }
        return Excerpt.of(value.toString());
    }
}

package io.spikelet.engine.model;

import io.spikelet.engine.message.Excerpt;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * A configuration with the field names of its checkpoint. A field that is missing or null has a default; {@link #end}
 * refuses fields that were not read. All refusals are IllegalArgumentExceptions that name the field. Not thread-safe.
 */
public final class ConfigurationValues {
    private final Map<String, ?> values;
    private final Set<String> unknown;

    /**
     * @param values Long, Integer, Double, Boolean or String
     * @param ignored fields that do not affect inference
     */
    public ConfigurationValues(Map<String, ?> values, Set<String> ignored) {
        this.values = values;
        this.unknown = new TreeSet<>(values.keySet());
        unknown.removeAll(ignored);
    }

    /** A 32-bit integer. */
    public int integer(String field, int otherwise) {
        return switch (value(field)) {
            case null -> otherwise;
            case Integer number -> number;
            case Long number when number == number.intValue() -> number.intValue();
            case Object value -> throw wrong(field, value, "a 32-bit integer");
        };
    }

    /** A number, which may be infinite or NaN. */
    public double number(String field, double otherwise) {
        return switch (value(field)) {
            case null -> otherwise;
            case Number number -> number.doubleValue();
            case Object value -> throw wrong(field, value, "a number");
        };
    }

    /** true or false. */
    public boolean flag(String field, boolean otherwise) {
        return switch (value(field)) {
            case null -> otherwise;
            case Boolean flag -> flag;
            case Object value -> throw wrong(field, value, "true or false");
        };
    }

    /** One of the given words, the first of which is the default. */
    public String choice(String field, String... words) {
        Object value = value(field);
        if (value == null) {
            return words[0];
        }
        for (String word : words) {
            if (word.equals(value)) {
                return word;
            }
        }
        throw wrong(field, value, "one of " + String.join(", ", words));
    }

    /** Refuses fields that were not read. */
    public void end() {
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException(
                    "unknown field \"" + Excerpt.of(unknown.iterator().next())
                            + "\"; a switch that this program does not know would change what the model computes");
        }
    }

    private Object value(String field) {
        unknown.remove(field);
        return values.get(field);
    }

    private static IllegalArgumentException wrong(String field, Object value, String expected) {
        return new IllegalArgumentException(
                field + " is " + Excerpt.of(String.valueOf(value)) + "; it must be " + expected);
    }
}

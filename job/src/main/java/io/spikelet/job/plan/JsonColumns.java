package io.spikelet.job.plan;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The columns of JSON lines and what was seen in them. Beyond {@value JsonShape#MOST_FIELDS} columns only those that the run
 * asks for are columns of their own. Can be merged in any order. Not thread-safe.
 */
final class JsonColumns implements Serializable {
    private static final long serialVersionUID = 1L;

    private final Set<String> wanted;
    private final Map<String, JsonShape> shapes = new TreeMap<>();
    private boolean isWide;

    /** @param wanted names that the run asks for */
    JsonColumns(Set<String> wanted) {
        this.wanted = wanted;
    }

    /** Takes in a line that is one JSON object. */
    JsonColumns add(String line) {
        try (JsonParser parser = JsonLineCheck.JSON.createParser(line)) {
            parser.nextToken();
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String name = parser.currentName();
                parser.nextToken();
                if (isWide && !wanted.contains(name)) {
                    parser.skipChildren();
                } else {
                    shapes.computeIfAbsent(name, added -> new JsonShape()).add(parser);
                    bound();
                }
            }
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException("a line that was JSON is none", e);
        }
    }

    /** Takes in what another has seen. */
    JsonColumns merge(JsonColumns other) {
        isWide |= other.isWide;
        other.shapes.forEach((name, shape) ->
                shapes.computeIfAbsent(name, added -> new JsonShape()).merge(shape));
        bound();
        return this;
    }

    private void bound() {
        isWide |= shapes.size() > JsonShape.MOST_FIELDS;
        if (isWide) {
            shapes.keySet().retainAll(wanted);
        }
    }

    Map<String, JsonShape> shapes() {
        return shapes;
    }

    /** Whether there are columns that are none of their own. */
    boolean isWide() {
        return isWide;
    }
}

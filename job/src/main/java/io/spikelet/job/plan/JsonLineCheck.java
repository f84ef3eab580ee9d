package io.spikelet.job.plan;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.spikelet.engine.message.Excerpt;
import java.io.IOException;
import org.apache.spark.sql.api.java.UDF1;

/**
 * Tells what keeps a line from being one JSON object whose text column is a string or null; null if nothing does.
 *
 * <p>Spark's own parser is lenient where a row must not be: it ignores what follows the object, takes the last of two
 * equal names, and turns half a surrogate pair into a question mark.
 *
 * @param textColumn the column that must be a string; null if there is none
 */
record JsonLineCheck(String textColumn) implements UDF1<String, String> {
    /** Reads what is as large as a line may be, and as deep. */
    static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .maxNumberLength(Integer.MAX_VALUE)
                    .maxNestingDepth(Integer.MAX_VALUE)
                    .build())
            .build();

    private static final String NO_JSON = "the line is not JSON";
    private static final String NO_OBJECT = "the line is not a JSON object";
    private static final String NO_END = "the JSON object does not end";
    private static final String TWICE = "a name occurs twice in an object";

    @Override
    public String call(String line) {
        try (JsonParser parser = JSON.createParser(line)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return NO_OBJECT;
            }
            String fault = faultInside(parser);
            return fault == null ? faultAfter(parser) : fault;
        } catch (JsonProcessingException e) {
            boolean isTwice = e.getOriginalMessage().startsWith("Duplicate field");
            return (isTwice ? TWICE : NO_JSON) + reason(e);
        } catch (IOException e) {
            throw new IllegalStateException("reading from memory failed", e);
        }
    }

    private static String faultAfter(JsonParser parser) throws IOException {
        try {
            return parser.nextToken() == null ? null : "the line has text after its JSON object";
        } catch (JsonProcessingException e) {
            return NO_JSON + " after its object" + reason(e);
        }
    }

    private static String reason(JsonProcessingException e) {
        return " (" + Excerpt.of(e.getOriginalMessage()) + ")";
    }

    /** Whether a line with this fault says what its columns are all the same. */
    static boolean isReadable(String fault) {
        return !fault.startsWith(NO_JSON + " (") && !fault.equals(NO_OBJECT) && !fault.equals(NO_END);
    }

    /** Walks to the end of the object that the parser stands at the start of. */
    private String faultInside(JsonParser parser) throws IOException {
        int depth = 1;
        while (depth > 0) {
            JsonToken token = parser.nextToken();
            if (token == null) {
                return NO_END;
            }
            if (depth == 1 && token != JsonToken.FIELD_NAME && !fitsColumn(parser, token)) {
                return "column " + textColumn + " is not a string";
            }
            if ((token == JsonToken.VALUE_STRING || token == JsonToken.FIELD_NAME)
                    && hasLoneSurrogate(parser.getText())) {
                return "a string has half of a surrogate pair";
            }
            depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
        }
        return null;
    }

    private boolean fitsColumn(JsonParser parser, JsonToken token) throws IOException {
        return token == JsonToken.END_OBJECT
                || token == JsonToken.VALUE_STRING
                || token == JsonToken.VALUE_NULL
                || !parser.currentName().equals(textColumn);
    }

    static boolean hasLoneSurrogate(String text) {
        return text.codePoints().anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
    }
}

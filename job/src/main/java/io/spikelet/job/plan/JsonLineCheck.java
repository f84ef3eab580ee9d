package io.spikelet.job.plan;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.spikelet.engine.message.Excerpt;
import java.io.IOException;
import org.apache.spark.sql.api.java.UDF1;

/**
 * Tells what keeps a line from being one JSON object whose text column is a string or null; null if nothing does.
 *
 * <p>Spark's own parser is lenient where a row must not be: it ignores what follows the object, takes the last of two
 * equal names, and turns half a surrogate pair into a question mark.
 */
final class JsonLineCheck implements UDF1<String, String> {
    private static final long serialVersionUID = 1L;
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private final String textColumn;

    JsonLineCheck(String textColumn) {
        this.textColumn = textColumn;
    }

    @Override
    public String call(String line) {
        try (JsonParser parser = JSON.createParser(line)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return "the line is not a JSON object";
            }
            String fault = faultInside(parser);
            if (fault == null && parser.nextToken() != null) {
                return "the line goes on after its JSON object";
            }
            return fault;
        } catch (JsonProcessingException e) {
            return "the line is not JSON (" + Excerpt.message(e.getOriginalMessage()) + ")";
        } catch (IOException e) {
            throw new IllegalStateException("reading from memory failed", e);
        }
    }

    /** Walks to the end of the object that the parser stands at the start of. */
    private String faultInside(JsonParser parser) throws IOException {
        int depth = 1;
        while (depth > 0) {
            JsonToken token = parser.nextToken();
            if (token == null) {
                return "the JSON object does not end";
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
                || !textColumn.equals(parser.currentName());
    }

    private static boolean hasLoneSurrogate(String text) {
        return text.codePoints().anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
    }
}

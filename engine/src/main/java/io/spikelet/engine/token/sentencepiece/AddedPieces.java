package io.spikelet.engine.token.sentencepiece;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.spikelet.engine.message.Excerpt;
import io.spikelet.engine.token.TokenizerFormatException;
import java.io.IOException;
import java.util.List;
import java.util.TreeMap;

/**
 * Pieces that a {@code tokenizer_config.json} adds after those of the model: runs of blanks and a tab under {@code
 * indent_tokens}, by text. A model may produce them, but text is never encoded with them, as in the published programs.
 */
final class AddedPieces {
    private static final String FIELD = "indent_tokens";
    private static final int MOST_CHARACTERS = 256; // per piece
    private static final JsonFactory JSON = new JsonFactory();

    private AddedPieces() {}

    /**
     * The texts in the order of their ids, which begin at {@code pieces}; empty if the file has none.
     *
     * @throws TokenizerFormatException if the file is not a JSON object or its ids do not follow those of the model
     */
    static List<String> of(byte[] config, int pieces) {
        TreeMap<Integer, String> byId = new TreeMap<>();
        try (JsonParser json = JSON.createParser(config)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw malformed("is no JSON object");
            }
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                boolean isAdded = json.currentName().equals(FIELD);
                if (json.nextToken() == JsonToken.START_OBJECT && isAdded) {
                    read(json, byId);
                } else {
                    json.skipChildren();
                }
            }
        } catch (IOException e) { // includes Jackson's exceptions
            throw new TokenizerFormatException(
                    "tokenizer_config.json cannot be read: " + Excerpt.message(String.valueOf(e.getMessage())), e);
        }
        if (!byId.isEmpty() && (byId.firstKey() != pieces || byId.lastKey() != pieces + byId.size() - 1)) {
            throw malformed("has " + FIELD + " with ids " + byId.firstKey() + " to " + byId.lastKey() + " for "
                    + byId.size() + " pieces; they must follow those of the model, which are 0 to " + (pieces - 1));
        }
        return List.copyOf(byId.values());
    }

    private static void read(JsonParser json, TreeMap<Integer, String> byId) throws IOException {
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String text = json.currentName();
            if (text.isEmpty() || text.length() > MOST_CHARACTERS) {
                throw malformed("has a piece of " + text.length() + " characters in " + FIELD + "; it may have 1 to "
                        + MOST_CHARACTERS);
            }
            if (json.nextToken() != JsonToken.VALUE_NUMBER_INT || byId.put(json.getIntValue(), text) != null) {
                throw malformed("has an id in " + FIELD + " that is no whole number or occurs twice");
            }
        }
    }

    private static TokenizerFormatException malformed(String what) {
        return new TokenizerFormatException("tokenizer_config.json " + what + "; copy it again from its source");
    }
}

package io.spikelet.job.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonParser.NumberType;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;

/** Reads a file that holds one JSON array, an element at a time; whatever else it holds is an error that says where. */
final class JsonArray {
    static final JsonFactory FACTORY = new JsonFactory();

    /** Takes one element, at which the parser stands. */
    interface Element {
        void read(JsonParser parser) throws IOException;
    }

    private final Path file;
    private final String content;
    private int index;

    private JsonArray(Path file, String content) {
        this.file = file;
        this.content = content;
    }

    /**
     * An array of token ids.
     *
     * @throws IllegalArgumentException unless it has at least one element and all are integers in {@code [0, vocabSize)}
     */
    static int[] tokenIds(Path file, int vocabSize) throws IOException {
        JsonArray array = new JsonArray(file, "token ids");
        IntStream.Builder ids = IntStream.builder();
        array.read(parser -> ids.add(array.tokenId(parser, vocabSize)));
        if (array.index == 0) {
            throw new IllegalArgumentException(file + " holds no token ids; it needs at least one");
        }
        return ids.build().toArray();
    }

    /**
     * An array of strings, given to {@code element} one by one.
     *
     * @throws IllegalArgumentException unless all elements are strings
     */
    static void strings(Path file, Element element) throws IOException {
        JsonArray array = new JsonArray(file, "strings");
        array.read(parser -> {
            if (!parser.hasToken(JsonToken.VALUE_STRING)) {
                throw array.malformed("element " + array.index + " is " + parser.getText() + ", not a string");
            }
            element.read(parser);
        });
    }

    private int tokenId(JsonParser parser, int vocabSize) throws IOException {
        boolean integer = parser.hasToken(JsonToken.VALUE_NUMBER_INT) && parser.getNumberType() == NumberType.INT;
        if (!integer || parser.getIntValue() < 0 || parser.getIntValue() >= vocabSize) {
            throw malformed("element " + index + " is " + parser.getText() + "; the model's token ids are 0 to "
                    + (vocabSize - 1));
        }
        return parser.getIntValue();
    }

    private void read(Element element) throws IOException {
        try (JsonParser parser = FACTORY.createParser(Files.newInputStream(file))) {
            if (parser.nextToken() != JsonToken.START_ARRAY) {
                throw malformed("it does not begin with [");
            }
            for (; parser.nextToken() != JsonToken.END_ARRAY; index++) {
                element.read(parser);
            }
            if (parser.nextToken() != null) {
                throw malformed("something follows the array");
            }
        } catch (JsonProcessingException e) {
            throw malformed("line " + e.getLocation().getLineNr() + ": " + e.getOriginalMessage());
        }
    }

    private IllegalArgumentException malformed(String problem) {
        return new IllegalArgumentException(file + " is not a JSON array of " + content + ": " + problem);
    }
}

package io.spikelet.engine.token.bytelevel;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.spikelet.engine.token.TokenizerFormatException;
import io.spikelet.engine.token.bytelevel.ByteLevelVocabulary.Merge;
import java.io.CharConversionException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads the files of a byte-level tokenizer as untrusted input. Sizes and counts are checked before memory is
 * allocated.
 */
final class VocabularyFiles {
    static final int MAX_FILE_BYTES = 64 << 20;
    static final int MAX_TOKENS = 1 << 20;
    private static final int MAX_TOKEN_CHARACTERS = 1 << 16;

    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(16)
                    .maxStringLength(MAX_TOKEN_CHARACTERS)
                    .maxNameLength(MAX_TOKEN_CHARACTERS)
                    .maxNumberLength(64)
                    .build())
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .build();

    /** The special tokens of OPT and GPT-2, which a vocab.json does not mark. */
    private static final Set<String> SPECIAL_NAMES = Set.of("<s>", "<pad>", "</s>", "<unk>", "<mask>", "<|endoftext|>");

    private VocabularyFiles() {}

    static ByteLevelVocabulary read(byte[] vocabulary, byte[] merges) {
        Map<String, Integer> ids = parse(vocabulary, "vocab.json", VocabularyFiles::vocabulary);
        return new ByteLevelVocabulary(ids, rules(merges), SPECIAL_NAMES, Set.of(), false);
    }

    static ByteLevelVocabulary read(byte[] tokenizer) {
        TokenizerJson json = parse(tokenizer, "tokenizer.json", TokenizerJson::read);
        return new ByteLevelVocabulary(
                json.vocabulary(), json.merges(), json.specialNames(), json.addedTexts(), json.composes());
    }

    private interface Body<T> {
        T read(JsonParser json) throws IOException;
    }

    private static <T> T parse(byte[] content, String file, Body<T> body) {
        requireSmall(content, file);
        try (JsonParser json = JSON.createParser(content)) {
            json.nextToken();
            T value = body.read(json);
            if (json.nextToken() != null) {
                throw new TokenizerFormatException("something follows the JSON object");
            }
            return value;
        } catch (JsonProcessingException e) {
            throw new TokenizerFormatException(file + " is not the JSON of a tokenizer: " + e.getOriginalMessage(), e);
        } catch (TokenizerFormatException e) {
            throw new TokenizerFormatException(file + ": " + e.getMessage(), e);
        } catch (CharConversionException e) {
            throw new TokenizerFormatException(file + " is not JSON in UTF-8: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void requireSmall(byte[] content, String file) {
        if (content.length > MAX_FILE_BYTES) {
            throw new TokenizerFormatException(file + " is larger than the limit of " + MAX_FILE_BYTES + " bytes");
        }
    }

    /** The object at the parser's position: token to id. */
    static Map<String, Integer> vocabulary(JsonParser json) throws IOException {
        require(json, JsonToken.START_OBJECT, "the vocabulary must be an object of token and id");
        Map<String, Integer> ids = new HashMap<>();
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String token = json.currentName();
            if (json.nextToken() != JsonToken.VALUE_NUMBER_INT) {
                throw new TokenizerFormatException("the id of " + ByteLevelVocabulary.quote(token) + " is no integer");
            }
            if (ids.size() == MAX_TOKENS) {
                throw new TokenizerFormatException("the vocabulary has more than " + MAX_TOKENS + " tokens");
            }
            if (ids.put(token, json.getIntValue()) != null) {
                throw new TokenizerFormatException("the token " + ByteLevelVocabulary.quote(token) + " is there twice");
            }
        }
        return ids;
    }

    /** The rules of merges.txt: lines end with a line feed only; other line ends are not part of any token. */
    private static List<Merge> rules(byte[] content) {
        requireSmall(content, "merges.txt");
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(content))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new TokenizerFormatException("merges.txt is not UTF-8", e);
        }
        List<Merge> merges = new ArrayList<>();
        int line = 1;
        for (int begin = 0; begin < text.length(); line++) {
            int feed = text.indexOf('\n', begin);
            int end = feed < 0 ? text.length() : feed;
            boolean header = line == 1 && text.startsWith("#version", begin);
            if (end > begin && !header) {
                merges.add(merge(text.substring(begin, end), "merges.txt line " + line));
                requireFew(merges);
            }
            begin = end + 1;
        }
        return merges;
    }

    /** A rule that is written as two tokens with a space between them. */
    static Merge merge(String rule, String where) {
        int space = rule.indexOf(' ');
        if (space < 1 || space + 1 == rule.length() || rule.indexOf(' ', space + 1) >= 0) {
            throw new TokenizerFormatException(where + " is " + ByteLevelVocabulary.quote(rule)
                    + "; a merge is two tokens with one space between");
        }
        return new Merge(rule.substring(0, space), rule.substring(space + 1));
    }

    static void requireFew(List<Merge> merges) {
        if (merges.size() > MAX_TOKENS) {
            throw new TokenizerFormatException("there are more than " + MAX_TOKENS + " merges");
        }
    }

    static void require(JsonParser json, JsonToken token, String otherwise) {
        if (json.currentToken() != token) {
            throw new TokenizerFormatException(otherwise);
        }
    }
}

package io.spikelet.engine.token.bytelevel;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.spikelet.engine.token.TokenizerFormatException;
import io.spikelet.engine.token.bytelevel.ByteLevelVocabulary.Merge;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The relevant content of a {@code tokenizer.json}. A file with another model, a normalizer other than NFC, or another
 * pre-tokenizer is refused, because its ids would differ.
 *
 * @param addedTexts tokens that are matched in a text before it is cut
 * @param composes whether texts are normalised to NFC
 */
record TokenizerJson(
        Map<String, Integer> vocabulary,
        List<Merge> merges,
        Set<String> specialNames,
        Set<String> addedTexts,
        boolean composes) {
    private static final int MAX_ADDED = 1 << 16;

    static TokenizerJson read(JsonParser json) throws IOException {
        VocabularyFiles.require(json, JsonToken.START_OBJECT, "it is no JSON object");
        Map<String, Integer> vocabulary = new HashMap<>();
        Map<String, Integer> added = new HashMap<>();
        List<Merge> merges = new ArrayList<>();
        Set<String> special = new HashSet<>();
        Set<String> texts = new HashSet<>();
        boolean composes = false;
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String field = json.currentName();
            json.nextToken();
            switch (field) {
                case "model" -> readModel(json, vocabulary, merges);
                case "added_tokens" -> readAdded(json, added, special, texts);
                case "normalizer" -> composes = isComposition(json);
                case "pre_tokenizer" -> readPreTokenizer(json);
                default -> json.skipChildren();
            }
        }
        added.forEach((token, id) -> {
            Integer known = vocabulary.putIfAbsent(token, id);
            if (known != null && !known.equals(id)) {
                throw new TokenizerFormatException("the added token " + ByteLevelVocabulary.quote(token)
                        + " has the id " + id + ", but " + known + " in the vocabulary");
            }
        });
        return new TokenizerJson(vocabulary, merges, special, texts, composes);
    }

    private static void readModel(JsonParser json, Map<String, Integer> vocabulary, List<Merge> merges)
            throws IOException {
        VocabularyFiles.require(json, JsonToken.START_OBJECT, "its model is no object");
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String field = json.currentName();
            json.nextToken();
            switch (field) {
                case "type" -> requireText(json, "model.type", "BPE");
                case "vocab" -> vocabulary.putAll(VocabularyFiles.vocabulary(json));
                case "merges" -> readMerges(json, merges);
                case "dropout", "continuing_subword_prefix", "end_of_word_suffix" ->
                    requireEmpty(json, "model." + field);
                case "byte_fallback", "ignore_merges" ->
                    requireNot(json, JsonToken.VALUE_TRUE, "model." + field + " is true");
                default -> json.skipChildren();
            }
        }
    }

    private static void readMerges(JsonParser json, List<Merge> merges) throws IOException {
        VocabularyFiles.require(json, JsonToken.START_ARRAY, "model.merges is no array");
        while (json.nextToken() != JsonToken.END_ARRAY) {
            String where = "merge " + merges.size();
            if (json.currentToken() == JsonToken.START_ARRAY) {
                String left = json.nextTextValue();
                String right = json.nextTextValue();
                if (left == null || right == null || json.nextToken() != JsonToken.END_ARRAY) {
                    throw new TokenizerFormatException(where + " is no pair of tokens");
                }
                merges.add(new Merge(left, right));
            } else {
                VocabularyFiles.require(json, JsonToken.VALUE_STRING, where + " is no pair of tokens");
                merges.add(VocabularyFiles.merge(json.getText(), where));
            }
            VocabularyFiles.requireFew(merges);
        }
    }

    private static void readAdded(JsonParser json, Map<String, Integer> added, Set<String> special, Set<String> texts)
            throws IOException {
        VocabularyFiles.require(json, JsonToken.START_ARRAY, "added_tokens is no array");
        while (json.nextToken() != JsonToken.END_ARRAY) {
            VocabularyFiles.require(json, JsonToken.START_OBJECT, "an added token is no object");
            String content = null;
            int id = ByteLevelVocabulary.NONE;
            boolean isText = false;
            String unknown = "";
            while (json.nextToken() != JsonToken.END_OBJECT) {
                String field = json.currentName();
                json.nextToken();
                switch (field) {
                    case "content" -> content = json.getText();
                    case "id" -> {
                        VocabularyFiles.require(
                                json, JsonToken.VALUE_NUMBER_INT, "the id of an added token is no integer");
                        id = json.getIntValue();
                    }
                    case "special" -> isText = json.currentToken() == JsonToken.VALUE_FALSE;
                    case "single_word", "lstrip", "rstrip" ->
                        unknown = json.currentToken() == JsonToken.VALUE_TRUE ? field : unknown;
                    default -> json.skipChildren();
                }
            }
            if (content == null || content.isEmpty() || added.size() == MAX_ADDED) {
                throw new TokenizerFormatException(
                        "an added token has no content, or there are more than " + MAX_ADDED + " of them");
            }
            if (isText && !unknown.isEmpty()) {
                throw new TokenizerFormatException("the added token " + ByteLevelVocabulary.quote(content) + " has "
                        + unknown + ", which this program does not do");
            }
            added.put(content, id);
            (isText ? texts : special).add(content);
        }
    }

    private static boolean isComposition(JsonParser json) throws IOException {
        if (json.currentToken() == JsonToken.VALUE_NULL) {
            return false;
        }
        VocabularyFiles.require(json, JsonToken.START_OBJECT, "its normalizer is no object");
        String type = "none";
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String field = json.currentName();
            json.nextToken();
            if (field.equals("type")) {
                type = json.getText();
            } else {
                json.skipChildren();
            }
        }
        if (!type.equals("NFC")) {
            throw new TokenizerFormatException("its normalizer is " + ByteLevelVocabulary.quote(type)
                    + "; byte-level BPE of this kind has none, or \"NFC\"");
        }
        return true;
    }

    private static void readPreTokenizer(JsonParser json) throws IOException {
        VocabularyFiles.require(json, JsonToken.START_OBJECT, "it has no pre_tokenizer of type ByteLevel");
        String type = "none";
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String field = json.currentName();
            json.nextToken();
            switch (field) {
                case "type" -> type = json.getText();
                case "add_prefix_space" ->
                    requireNot(json, JsonToken.VALUE_TRUE, "pre_tokenizer.add_prefix_space is true");
                case "use_regex" -> requireNot(json, JsonToken.VALUE_FALSE, "pre_tokenizer.use_regex is false");
                default -> json.skipChildren();
            }
        }
        if (!type.equals("ByteLevel")) {
            throw new TokenizerFormatException("its pre_tokenizer is " + ByteLevelVocabulary.quote(type)
                    + "; this program cuts texts as \"ByteLevel\" does");
        }
    }

    private static void requireText(JsonParser json, String field, String expected) throws IOException {
        if (!expected.equals(json.getText())) {
            throw new TokenizerFormatException(
                    field + " is " + ByteLevelVocabulary.quote(String.valueOf(json.getText()))
                            + "; this program reads \"" + expected + "\"");
        }
    }

    private static void requireEmpty(JsonParser json, String field) throws IOException {
        boolean empty = json.currentToken() == JsonToken.VALUE_NULL
                || json.currentToken() == JsonToken.VALUE_STRING
                        && json.getText().isEmpty();
        if (!empty) {
            throw new TokenizerFormatException(field + " is set, which this program does not do");
        }
    }

    private static void requireNot(JsonParser json, JsonToken token, String what) {
        if (json.currentToken() == token) {
            throw new TokenizerFormatException(what + ", which this program does not do");
        }
    }
}

package io.spikelet.engine.token.bytelevel;

import io.spikelet.engine.token.TokenizerFormatException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The tokens, their bytes, and the merge rules. Immutable. */
final class ByteLevelVocabulary {
    /** Marks a missing token or rule. */
    static final int NONE = -1;

    /** A merge rule: the texts of its two tokens. */
    record Merge(String left, String right) {}

    private static final int MAX_QUOTE = 40;

    private final String[] tokens; // (id)
    private final byte[][] bytes; // (id); empty for special tokens
    private final boolean[] special; // (id)
    private final Map<String, Integer> ids;
    private final List<String> addedTexts; // the longest first
    private final boolean composes;
    private final int[] byteIds = new int[ByteAlphabet.BYTES];
    private final int longest; // maximum number of bytes of a token
    private final Map<Long, Long> rules; // left id << 32 | right id -> rank << 32 | id of the union

    /**
     * @param ids token to id; the ids are 0 to n - 1, each once
     * @param merges in order of their ranks
     * @param specialNames tokens that represent no text
     * @param addedTexts tokens that are matched literally before a text is cut
     * @param composes whether texts are normalised to NFC
     */
    ByteLevelVocabulary(
            Map<String, Integer> ids,
            List<Merge> merges,
            Set<String> specialNames,
            Set<String> addedTexts,
            boolean composes) {
        this.composes = composes;
        this.addedTexts =
                addedTexts.stream().sorted((a, b) -> b.length() - a.length()).toList();
        this.ids = Map.copyOf(ids);
        this.tokens = new String[ids.size()];
        this.bytes = new byte[ids.size()][];
        this.special = new boolean[ids.size()];
        ids.forEach((token, id) -> add(token, id, specialNames.contains(token), addedTexts.contains(token)));
        for (int value = 0; value < ByteAlphabet.BYTES; value++) {
            Integer id = ids.get(String.valueOf(ByteAlphabet.character(value)));
            if (id == null && !neverOccurs(value)) {
                throw new TokenizerFormatException("the vocabulary has no token for the byte " + value
                        + "; a byte-level vocabulary has all that occur in UTF-8, so this is another kind of"
                        + " tokenizer");
            }
            byteIds[value] = id == null ? NONE : id;
        }
        this.longest = Arrays.stream(bytes).mapToInt(text -> text.length).max().orElse(1);
        this.rules = HashMap.newHashMap(merges.size());
        for (int rank = 0; rank < merges.size(); rank++) {
            addRule(rank, merges.get(rank));
        }
    }

    /** Whether a byte never occurs in UTF-8. */
    private static boolean neverOccurs(int value) {
        return value == 0xC0 || value == 0xC1 || value >= 0xF5;
    }

    private void add(String token, int id, boolean isSpecial, boolean isText) {
        if (id < 0 || id >= tokens.length || tokens[id] != null) {
            throw new TokenizerFormatException("the vocabulary gives " + quote(token) + " the id " + id
                    + "; the ids of its " + tokens.length + " tokens must be 0 to " + (tokens.length - 1)
                    + ", each once");
        }
        byte[] text =
                isSpecial ? new byte[0] : isText ? token.getBytes(StandardCharsets.UTF_8) : ByteAlphabet.bytes(token);
        // Names such as <mask> that no file marks as special still represent no text: they have no bytes.
        tokens[id] = token;
        special[id] = text == null || isSpecial;
        bytes[id] = text == null ? new byte[0] : text;
    }

    private void addRule(int rank, Merge merge) {
        long key = pair(requireToken(rank, merge.left()), requireToken(rank, merge.right()));
        int union = requireToken(rank, merge.left() + merge.right());
        if (rules.putIfAbsent(key, (long) rank << 32 | union) != null) {
            throw new TokenizerFormatException(
                    "merge " + rank + ", " + quote(merge.left()) + " and " + quote(merge.right()) + ", is there twice");
        }
    }

    private int requireToken(int rank, String token) {
        Integer id = ids.get(token);
        if (id == null || special[id]) {
            throw new TokenizerFormatException("merge " + rank + " needs the token " + quote(token)
                    + ", which the vocabulary does not have; do the two files belong together?");
        }
        return id;
    }

    static long pair(int left, int right) {
        return (long) left << 32 | right;
    }

    /** A text, shortened for a message. */
    static String quote(String text) {
        return '"' + (text.length() <= MAX_QUOTE ? text : text.substring(0, MAX_QUOTE) + "…") + '"';
    }

    int size() {
        return tokens.length;
    }

    /** The merge of two adjacent symbols: the rank in the upper half, the id in the lower; negative if there is none. */
    long rule(int left, int right) {
        Long rule = rules.get(pair(left, right));
        return rule == null ? NONE : rule;
    }

    /** Maximum number of bytes of a token. */
    int longest() {
        return longest;
    }

    /** The token of one byte. */
    int byteId(byte value) {
        return byteIds[value & 0xFF];
    }

    /** @throws IndexOutOfBoundsException for an id without a token */
    String token(int id) {
        return tokens[checked(id)];
    }

    /** The bytes of a token, none for a special token; must not be modified. */
    byte[] bytes(int id) {
        return bytes[checked(id)];
    }

    boolean isSpecial(int id) {
        return special[checked(id)];
    }

    /** The id of a token, or {@link #NONE}. */
    int id(String token) {
        return ids.getOrDefault(token, NONE);
    }

    /** Whether texts are normalised to NFC. */
    boolean composes() {
        return composes;
    }

    /** Tokens that are matched before a text is cut, the longest first. */
    List<String> addedTexts() {
        return addedTexts;
    }

    /** The special tokens, the longest first. */
    List<String> specialTokens() {
        return Arrays.stream(tokens)
                .filter(token -> special[ids.get(token)])
                .sorted((a, b) -> b.length() - a.length())
                .toList();
    }

    private int checked(int id) {
        if (id < 0 || id >= tokens.length) {
            throw new IndexOutOfBoundsException(
                    "token id " + id + " is outside the vocabulary of " + tokens.length + " tokens");
        }
        return id;
    }
}

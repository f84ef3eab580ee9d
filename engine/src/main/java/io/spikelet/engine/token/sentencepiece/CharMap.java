package io.spikelet.engine.token.sentencepiece;

import io.spikelet.engine.token.TokenizerFormatException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The precompiled character map of a normalizer: a Darts double-array trie of byte strings, whose values point into a
 * block of replacement strings, each ended by a zero byte. Immutable.
 */
final class CharMap {
    private static final int LEAF = 1 << 31;
    private static final int MAX_TRIE_BYTES = 16 << 20; // the trie of NFKC has 0.2 MB
    private static final int MAX_RULE_BYTES = 256; // the longest rule of NFKC has 33
    private static final int UNSEEN = 0;
    private static final int OPEN = -1;

    private final int[] units;
    private final byte[] replacements;

    /** Reads the blob: trie size in bytes (uint32, little-endian), trie, replacement strings. */
    CharMap(byte[] blob) {
        if (blob.length < Integer.BYTES) {
            throw malformed("is " + blob.length + " bytes long, shorter than its header of 4");
        }
        ByteBuffer in = ByteBuffer.wrap(blob).order(ByteOrder.LITTLE_ENDIAN);
        long trieBytes = Integer.toUnsignedLong(in.getInt());
        if (trieBytes > MAX_TRIE_BYTES) {
            throw malformed("announces a trie of " + trieBytes + " bytes; the limit is " + MAX_TRIE_BYTES);
        }
        if (trieBytes == 0 || trieBytes % Integer.BYTES != 0 || trieBytes >= in.remaining()) {
            throw malformed(
                    "announces a trie of " + trieBytes + " bytes; it must be a multiple of 4 below " + in.remaining());
        }
        units = new int[(int) trieBytes / Integer.BYTES];
        in.asIntBuffer().get(units);
        in.position(in.position() + (int) trieBytes);
        replacements = new byte[in.remaining()];
        in.get(replacements);
        if (replacements[replacements.length - 1] != 0) {
            throw malformed("ends inside a replacement string");
        }
        for (int unit : units) {
            if ((unit & LEAF) != 0 && (unit & ~LEAF) >= replacements.length) {
                throw malformed("points to replacement byte " + (unit & ~LEAF) + " of " + replacements.length);
            }
        }
        checkReplacements();
        checkTrie();
    }

    private void checkReplacements() {
        int start = 0;
        for (int i = 0; i < replacements.length; i++) {
            if (replacements[i] == 0) {
                start = i + 1;
            } else if (i - start == MAX_RULE_BYTES) {
                throw malformed("has a replacement of more than " + MAX_RULE_BYTES + " bytes at byte " + start);
            }
        }
    }

    /** Refuses a trie that contains a cycle or is deeper than any rule; tails may be shared. */
    private void checkTrie() {
        short[] heights =
                new short[units.length]; // height in bytes of each completed subtree, including the byte of its root
        int[] path = new int[MAX_RULE_BYTES + 1];
        int[] labels = new int[MAX_RULE_BYTES + 1]; // labels followed so far
        heights[0] = OPEN;
        int depth = 0;
        int[] highest = new int[MAX_RULE_BYTES + 1]; // of the children seen so far
        while (depth >= 0) {
            int child = nextChild(path[depth], labels, depth);
            if (child < 0) {
                int height = highest[depth] + 1;
                heights[path[depth]] = (short) height;
                if (--depth >= 0) {
                    highest[depth] = Math.max(highest[depth], height);
                }
            } else if (heights[child] == OPEN || depth + Math.max(1, heights[child]) > MAX_RULE_BYTES) {
                throw malformed("has a rule of more than " + MAX_RULE_BYTES + " bytes, or runs in a circle");
            } else if (heights[child] == UNSEEN) {
                heights[child] = OPEN;
                path[++depth] = child;
                labels[depth] = 0;
                highest[depth] = 0;
            } else {
                highest[depth] = Math.max(highest[depth], heights[child]);
            }
        }
    }

    private int nextChild(int unit, int[] labels, int depth) {
        while (labels[depth] < 0xFF) {
            int child = child(unit, ++labels[depth]);
            if (child >= 0) {
                return child;
            }
        }
        return -1;
    }

    /** The unit that a byte leads to; -1 if there is none. */
    private int child(int unit, int label) {
        int child = unit ^ offset(units[unit]) ^ label;
        return child < units.length && (units[child] & (LEAF | 0xFF)) == label ? child : -1;
    }

    private static TokenizerFormatException malformed(String what) {
        return new TokenizerFormatException("tokenizer model is damaged: its character map " + what
                + "; copy the .model file again from its source");
    }

    /**
     * The longest rule that matches at {@code from}: its matched length in the upper 32 bits and the offset of its
     * replacement in the lower; 0 if none does. Packed into a long, because this is called once per character.
     */
    long longestMatch(byte[] text, int from, int limit) {
        long longest = 0;
        int node = offset(units[0]);
        for (int i = from; i < limit; i++) {
            int label = text[i] & 0xFF;
            node ^= label;
            if (label == 0 || node >= units.length) { // no rule has a zero byte
                break;
            }
            int unit = units[node];
            if ((unit & (LEAF | 0xFF)) != label) {
                break;
            }
            node ^= offset(unit);
            if (node >= units.length) {
                break;
            }
            boolean hasLeaf = (unit >>> 8 & 1) != 0;
            if (hasLeaf && (units[node] & LEAF) != 0) { // only leaves have been checked to point into the replacements
                longest = (long) (i + 1 - from) << 32 | (units[node] & ~LEAF);
            }
        }
        return longest;
    }

    /** The replacement strings; the one at an offset ends before the next zero byte. */
    byte[] replacements() {
        return replacements;
    }

    private static int offset(int unit) {
        return unit >>> 10 << ((unit & 1 << 9) >>> 6);
    }
}

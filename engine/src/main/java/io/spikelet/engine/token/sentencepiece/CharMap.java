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

    private final int[] units;
    private final byte[] replacements;

    /** Reads the blob: trie size in bytes (uint32, little-endian), trie, replacement strings. */
    CharMap(byte[] blob) {
        if (blob.length < Integer.BYTES) {
            throw malformed("is " + blob.length + " bytes long, shorter than its header of 4");
        }
        ByteBuffer in = ByteBuffer.wrap(blob).order(ByteOrder.LITTLE_ENDIAN);
        long trieBytes = Integer.toUnsignedLong(in.getInt());
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
    }

    private static TokenizerFormatException malformed(String what) {
        return new TokenizerFormatException("tokenizer model is damaged: its character map " + what
                + "; copy the .model file again from its source");
    }

    /**
     * The longest rule that matches at {@code from}: its matched length in the upper 32 bits and the offset of its
     * replacement in the lower; 0 when none does. Packed, because this runs once per character.
     */
    long longestMatch(byte[] text, int from, int limit) {
        long longest = 0;
        int node = offset(units[0]);
        for (int i = from; i < limit; i++) {
            int label = text[i] & 0xFF;
            node ^= label;
            if (node >= units.length) {
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

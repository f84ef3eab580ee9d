package io.spikelet.engine.token.sentencepiece;

import io.spikelet.engine.token.TokenizerFormatException;
import java.util.Arrays;

/**
 * The spellings of all pieces and a hash table from spelling to id, which is searched with a hash that the caller
 * combines from the hashes of two parts. Immutable.
 */
final class PieceTable {
    private static final long BASE = 0x9E3779B97F4A7C15L;

    private final byte[] text; // all spellings, one after the other
    private final int[] starts; // [pieces + 1]
    private final long[] powers; // [longest + 1] BASE to the n-th
    private final int shift;
    private final long[] slotHashes;
    private final int[] slotIds; // -1 where free

    PieceTable(byte[][] spellings) {
        starts = new int[spellings.length + 1];
        int longest = 0;
        for (int id = 0; id < spellings.length; id++) {
            starts[id + 1] = Math.addExact(starts[id], spellings[id].length);
            longest = Math.max(longest, spellings[id].length);
        }
        text = new byte[starts[spellings.length]];
        powers = new long[longest + 1];
        powers[0] = 1;
        for (int i = 1; i <= longest; i++) {
            powers[i] = powers[i - 1] * BASE;
        }
        int slots = Integer.highestOneBit(Math.max(16, spellings.length)) * 4;
        shift = Long.numberOfLeadingZeros(slots) + 1;
        slotHashes = new long[slots];
        slotIds = new int[slots];
        Arrays.fill(slotIds, -1);
        for (int id = 0; id < spellings.length; id++) {
            insert(id, spellings[id]);
        }
    }

    private void insert(int id, byte[] spelling) {
        System.arraycopy(spelling, 0, text, starts[id], spelling.length);
        long hash = hash(spelling, 0, spelling.length);
        int other = find(hash, spelling, 0, spelling.length);
        if (other >= 0) {
            throw new TokenizerFormatException("tokenizer model is damaged: pieces " + other + " and " + id
                    + " have the same text; copy the .model file again from its source");
        }
        int slot = slot(hash);
        while (slotIds[slot] >= 0) {
            slot = (slot + 1) & (slotIds.length - 1);
        }
        slotHashes[slot] = hash;
        slotIds[slot] = id;
    }

    /** Length of the longest piece, in bytes. */
    int longest() {
        return powers.length - 1;
    }

    static long hash(byte[] bytes, int from, int length) {
        long hash = 0;
        for (int i = from; i < from + length; i++) {
            hash = hash * BASE + (bytes[i] & 0xFF) + 1;
        }
        return hash;
    }

    /** The hash of the concatenation of two strings; the right one has at most {@link #longest} bytes. */
    long join(long left, long right, int rightLength) {
        return left * powers[rightLength] + right;
    }

    /** The id of the piece spelled {@code bytes[from .. from + length)}, whose hash is given; -1 if there is none. */
    int find(long hash, byte[] bytes, int from, int length) {
        for (int slot = slot(hash); slotIds[slot] >= 0; slot = (slot + 1) & (slotIds.length - 1)) {
            int id = slotIds[slot];
            if (slotHashes[slot] == hash
                    && Arrays.equals(text, starts[id], starts[id + 1], bytes, from, from + length)) {
                return id;
            }
        }
        return -1;
    }

    private int slot(long hash) {
        return (int) ((hash ^ hash >>> 32) * BASE >>> shift);
    }
}

package io.spikelet.engine.token.bytelevel;

import io.spikelet.engine.token.MergeQueue;
import java.util.Arrays;

/**
 * Byte-pair merging of one piece: the adjacent pair with the lowest rank is merged at all its positions from left to
 * right, until no pair has a rank. A linked list and a heap take O(n log n) for a piece of n bytes. Not thread-safe.
 */
final class PieceMerger {
    private static final int NONE = ByteLevelVocabulary.NONE;

    private final ByteLevelVocabulary vocabulary;
    private final MergeQueue queue = new MergeQueue(); // rank << 32 | left symbol
    private int[] ids = new int[64]; // (symbol); NONE after it has been merged into the one before
    private int[] previous = new int[64];
    private int[] next = new int[64];
    private int[] level = new int[64]; // the positions of the rank that is being merged

    PieceMerger(ByteLevelVocabulary vocabulary) {
        this.vocabulary = vocabulary;
    }

    /** The tokens of {@code bytes[from .. to)}. */
    int[] merge(byte[] bytes, int from, int to) {
        int count = to - from;
        start(bytes, from, count);
        while (!queue.isEmpty()) {
            mergeLevel((int) (queue.smallest() >>> 32));
        }
        int[] merged = new int[count];
        int length = 0;
        for (int symbol = count == 0 ? NONE : 0; symbol != NONE; symbol = next[symbol]) {
            merged[length++] = ids[symbol];
        }
        return Arrays.copyOf(merged, length);
    }

    private void start(byte[] bytes, int from, int count) {
        if (count > ids.length) {
            ids = new int[count];
            previous = new int[count];
            next = new int[count];
        }
        for (int i = 0; i < count; i++) {
            ids[i] = vocabulary.byteId(bytes[from + i]);
            previous[i] = i - 1;
            next[i] = i + 1 < count ? i + 1 : NONE;
        }
        for (int i = 0; i + 1 < count; i++) {
            enqueue(i);
        }
    }

    /** Merges all positions of one rank before any pair that these merges create, as BPE is defined. */
    private void mergeLevel(int rank) {
        int places = 0;
        while (!queue.isEmpty() && (int) (queue.smallest() >>> 32) == rank) {
            if (places == level.length) {
                level = Arrays.copyOf(level, 2 * places);
            }
            level[places++] = (int) queue.remove();
        }
        for (int i = 0; i < places; i++) {
            int left = level[i];
            // Stale if one of the two has been merged with another symbol since.
            if (ids[left] != NONE && next[left] != NONE) {
                long rule = vocabulary.rule(ids[left], ids[next[left]]);
                if (rule >= 0 && (int) (rule >>> 32) == rank) {
                    join(left, (int) rule);
                }
            }
        }
    }

    private void join(int left, int union) {
        int right = next[left];
        ids[left] = union;
        ids[right] = NONE;
        next[left] = next[right];
        if (next[left] != NONE) {
            previous[next[left]] = left;
            enqueue(left);
        }
        if (previous[left] != NONE) {
            enqueue(previous[left]);
        }
    }

    private void enqueue(int left) {
        long rule = vocabulary.rule(ids[left], ids[next[left]]);
        if (rule >= 0) {
            queue.add(rule >>> 32 << 32 | left);
        }
    }
}

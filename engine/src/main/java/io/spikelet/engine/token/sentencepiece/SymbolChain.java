package io.spikelet.engine.token.sentencepiece;

import io.spikelet.engine.token.MergeQueue;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Symbols in the order of the text, and their merging: of all adjacent symbols whose concatenation is a piece, the pair
 * with the best score (the leftmost on ties) becomes one symbol, until no pair is left. Takes O(n log n). Not
 * thread-safe.
 */
final class SymbolChain {
    static final int NONE = -1;

    private final Vocabulary vocabulary;
    private final PieceTable table;
    private final byte[] text;

    // A merge leaves the right symbol with size 0.
    private int count;
    private int[] starts = new int[64];
    private int[] sizes = new int[64];
    private long[] hashes = new long[64];
    private int[] previous = new int[64]; // NONE at the edges and next to user-defined symbols, which never merge
    private int[] next = new int[64];
    private int[] pairs = new int[64]; // the piece that this symbol and the next one make, or NONE
    private int[] merged = new int[64]; // the piece that this symbol is, or NONE if it has not been looked up

    private final MergeQueue queue = new MergeQueue(); // rank << 32 | symbol
    private final Map<Integer, Integer> splits =
            new HashMap<>(); // unused piece -> bytes of its left part when it was last merged

    SymbolChain(Vocabulary vocabulary, byte[] text) {
        this.vocabulary = vocabulary;
        this.table = vocabulary.table();
        this.text = text;
    }

    void clear() {
        count = 0;
    }

    /** Number of symbols added; symbols that were merged into others have size 0. */
    int count() {
        return count;
    }

    int start(int symbol) {
        return starts[symbol];
    }

    int size(int symbol) {
        return sizes[symbol];
    }

    /** The piece that a symbol is, or NONE. */
    int piece(int symbol) {
        return merged[symbol] != NONE ? merged[symbol] : lookUp(hashes[symbol], starts[symbol], sizes[symbol]);
    }

    /** The piece that {@code text[start .. start + size)} is, or NONE. */
    int piece(int start, int size) {
        return lookUp(PieceTable.hash(text, start, size), start, size);
    }

    /** Size in bytes of the left of the two symbols that were merged into an unused piece; 0 if it was not merged. */
    int split(int piece) {
        return splits.getOrDefault(piece, 0);
    }

    /** @param joined whether the symbol may merge with the one before it */
    void add(int at, int size, boolean joined) {
        if (count == starts.length) {
            grow();
        }
        int symbol = count++;
        starts[symbol] = at;
        sizes[symbol] = size;
        hashes[symbol] = PieceTable.hash(text, at, size);
        merged[symbol] = NONE;
        next[symbol] = NONE;
        pairs[symbol] = NONE;
        previous[symbol] = joined ? symbol - 1 : NONE;
        if (joined) {
            next[symbol - 1] = symbol;
            enqueuePair(symbol - 1);
        }
    }

    private void grow() {
        int capacity = Math.multiplyExact(2, count);
        starts = Arrays.copyOf(starts, capacity);
        sizes = Arrays.copyOf(sizes, capacity);
        hashes = Arrays.copyOf(hashes, capacity);
        previous = Arrays.copyOf(previous, capacity);
        next = Arrays.copyOf(next, capacity);
        pairs = Arrays.copyOf(pairs, capacity);
        merged = Arrays.copyOf(merged, capacity);
    }

    /** Looks up the merge of {@code left} and the symbol to its right. */
    private void enqueuePair(int left) {
        int right = next[left];
        pairs[left] = NONE;
        if (right == NONE || sizes[left] + sizes[right] > table.longest()) {
            return;
        }
        long hash = table.join(hashes[left], hashes[right], sizes[right]);
        int id = lookUp(hash, starts[left], sizes[left] + sizes[right]);
        if (id == NONE) {
            return;
        }
        pairs[left] = id;
        queue.add((long) vocabulary.rank(id) << 32 | left);
        if (vocabulary.kind(id) == PieceKind.UNUSED) {
            splits.put(id, sizes[left]);
        }
    }

    private int lookUp(long hash, int start, int size) {
        int id = table.find(hash, text, start, size);
        return id < 0 || vocabulary.rank(id) < 0 ? NONE : id;
    }

    /** Merges until no pair is left. */
    void merge() {
        while (!queue.isEmpty()) {
            long key = queue.remove();
            int left = (int) key;
            // An entry is stale if its symbols have changed; their new merge has its own entry.
            boolean current = sizes[left] > 0 && pairs[left] != NONE && vocabulary.rank(pairs[left]) == key >>> 32;
            if (current) {
                merge(left);
            }
        }
    }

    private void merge(int left) {
        int right = next[left];
        hashes[left] = table.join(hashes[left], hashes[right], sizes[right]);
        sizes[left] += sizes[right];
        merged[left] = pairs[left];
        sizes[right] = 0;
        next[left] = next[right];
        if (next[left] != NONE) {
            previous[next[left]] = left;
        }
        if (previous[left] != NONE) {
            enqueuePair(previous[left]);
        }
        enqueuePair(left);
    }
}

package io.spikelet.engine.token.sentencepiece;

import io.spikelet.engine.token.Encoding;
import io.spikelet.engine.token.MergeQueue;
import io.spikelet.engine.token.Utf8;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Byte-pair merging of one normalized text: of all adjacent symbols whose union is a piece, the pair with the best score
 * (ties: the leftmost) becomes one symbol, until no pair is left. Takes O(n log n). Not thread-safe; one per text.
 *
 * <p>Where the vocabulary allows it each word is merged on its own, which gives the same ids from a small queue.
 */
final class BytePairMerger {
    private static final int NONE = -1;
    private static final byte[] SPACE = Vocabulary.SPACE.getBytes(StandardCharsets.UTF_8);

    private final Vocabulary vocabulary;
    private final PieceTable table;
    private final ByteText source;
    private final byte[] text;
    private final int limit;

    // The symbols of the words not yet merged, in the order of the text; a merge leaves the right one with size 0.
    private int count;
    private int[] starts = new int[64];
    private int[] sizes = new int[64];
    private long[] hashes = new long[64];
    private int[] previous = new int[64]; // NONE at the edge and beside user-defined symbols, which never merge
    private int[] next = new int[64];
    private int[] pairs = new int[64]; // the piece that this symbol and the next one make, or NONE
    private int[] merged = new int[64]; // the piece that this symbol is, or NONE when it has not been looked up

    private final MergeQueue queue = new MergeQueue(); // rank << 32 | symbol
    private final Map<Integer, Integer> splits =
            new HashMap<>(); // unused piece -> bytes of its left part, as last joined

    private int[] ids;
    private final boolean locates;
    private int[] begins; // (id): byte of the original text; empty unless it locates
    private int idCount;

    /** @param locates whether {@link #encoding} can be asked; the text must know its origins then */
    BytePairMerger(Vocabulary vocabulary, ByteText text, boolean locates) {
        this.vocabulary = vocabulary;
        this.source = text;
        this.locates = locates;
        this.table = vocabulary.table();
        this.text = text.bytes();
        this.limit = text.length();
        this.ids = new int[Math.max(16, limit / 3)];
        this.begins = new int[locates ? ids.length : 0];
    }

    /** The ids with their places; call instead of {@link #ids}. */
    Encoding encoding(int textBytes) {
        int[] all = ids();
        int[] edges = Arrays.copyOf(begins, idCount + 1);
        if (idCount > 0) {
            edges[0] = 0;
            edges[idCount] = textBytes;
        }
        return new Encoding(all, edges);
    }

    int[] ids() {
        boolean joined = false;
        for (int at = 0; at < limit; ) {
            int symbol = vocabulary.symbols().longestMatch(text, at, limit);
            int size = symbol > 0 ? symbol : Utf8.length(text, at, limit);
            if (vocabulary.wordwise() && startsWithSpace(at)) {
                mergeAndEmit();
                joined = false;
            }
            addSymbol(at, size, joined && symbol == 0);
            joined = symbol == 0;
            at += size;
        }
        mergeAndEmit();
        return Arrays.copyOf(ids, idCount);
    }

    private boolean startsWithSpace(int at) {
        return at + SPACE.length <= limit && Arrays.equals(text, at, at + SPACE.length, SPACE, 0, SPACE.length);
    }

    private void addSymbol(int at, int size, boolean joined) {
        if (count == starts.length) {
            growSymbols();
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

    private void growSymbols() {
        int capacity = Math.multiplyExact(2, count);
        starts = Arrays.copyOf(starts, capacity);
        sizes = Arrays.copyOf(sizes, capacity);
        hashes = Arrays.copyOf(hashes, capacity);
        previous = Arrays.copyOf(previous, capacity);
        next = Arrays.copyOf(next, capacity);
        pairs = Arrays.copyOf(pairs, capacity);
        merged = Arrays.copyOf(merged, capacity);
    }

    /** Looks up what {@code left} and its right neighbour make. */
    private void enqueuePair(int left) {
        int right = next[left];
        pairs[left] = NONE;
        if (right == NONE || sizes[left] + sizes[right] > table.longest()) {
            return;
        }
        long hash = table.join(hashes[left], hashes[right], sizes[right]);
        int id = table.find(hash, text, starts[left], sizes[left] + sizes[right]);
        if (id < 0 || vocabulary.rank(id) < 0) {
            return;
        }
        pairs[left] = id;
        queue.add((long) vocabulary.rank(id) << 32 | left);
        if (vocabulary.kind(id) == PieceKind.UNUSED) {
            splits.put(id, sizes[left]);
        }
    }

    private void mergeAndEmit() {
        while (!queue.isEmpty()) {
            long key = queue.remove();
            int left = (int) key;
            // An entry is stale when its symbols have changed since; what they make now has an entry of its own.
            boolean current = sizes[left] > 0 && pairs[left] != NONE && vocabulary.rank(pairs[left]) == key >>> 32;
            if (current) {
                merge(left);
            }
        }
        for (int symbol = 0; symbol < count; symbol++) {
            if (sizes[symbol] > 0) {
                emit(symbol);
            }
        }
        count = 0;
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

    private void emit(int symbol) {
        int id = merged[symbol] != NONE ? merged[symbol] : lookUp(hashes[symbol], starts[symbol], sizes[symbol]);
        emit(id, starts[symbol], sizes[symbol]);
    }

    private int lookUp(long hash, int start, int size) {
        int id = table.find(hash, text, start, size);
        return id < 0 || vocabulary.rank(id) < 0 ? NONE : id;
    }

    private void emit(int id, int start, int size) {
        if (id == NONE) {
            emitUnknown(start, size);
            return;
        }
        Integer leftSize = vocabulary.kind(id) == PieceKind.UNUSED ? splits.get(id) : null;
        if (leftSize == null) {
            append(id, start);
            return;
        }
        emitPart(start, leftSize);
        emitPart(start + leftSize, size - leftSize);
    }

    private void emitPart(int start, int size) {
        emit(lookUp(PieceTable.hash(text, start, size), start, size), start, size);
    }

    private void emitUnknown(int start, int size) {
        if (vocabulary.byteFallback()) {
            for (int i = start; i < start + size; i++) {
                append(vocabulary.byteId(text[i]), i);
            }
        } else if (idCount == 0 || ids[idCount - 1] != vocabulary.unknownId()) {
            append(vocabulary.unknownId(), start); // one for a run of unknown characters
        }
    }

    private void append(int id, int start) {
        if (idCount == ids.length) {
            ids = Arrays.copyOf(ids, Math.multiplyExact(2, idCount));
            begins = locates ? Arrays.copyOf(begins, ids.length) : begins;
        }
        if (locates) {
            begins[idCount] = source.origin(start);
        }
        ids[idCount++] = id;
    }
}

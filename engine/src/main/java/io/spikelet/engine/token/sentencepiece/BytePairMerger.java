package io.spikelet.engine.token.sentencepiece;

import static io.spikelet.engine.token.sentencepiece.SymbolChain.NONE;

import io.spikelet.engine.token.Encoding;
import io.spikelet.engine.token.Utf8;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/**
 * The ids of one normalized text by byte-pair merging (see {@link SymbolChain}). Not thread-safe; one per text.
 *
 * <p>If the vocabulary allows it, each word is merged separately, and a long stretch that has no word border is merged
 * in overlapping windows, which gives the same ids with little memory. Windows are exact: whether a sequence of pieces
 * is the result of merging depends only on each adjacent pair, because the first merge across a border between two
 * pieces would also happen with these two alone. The pieces of one window, continued from a common piece on with those
 * of the next, are such a sequence.
 */
final class BytePairMerger {
    private static final byte[] SPACE = Vocabulary.SPACE.getBytes(StandardCharsets.UTF_8);
    private static final int WINDOW = 1 << 16; // bytes
    private static final int OVERLAP = 1 << 13; // longer than the longest piece

    private final Vocabulary vocabulary;
    private final ByteText source;
    private final byte[] text;
    private final int limit;
    private final int window;
    private final SymbolChain chain;
    private final Map<Integer, Part[]> parts = new HashMap<>(); // the parts of unused pieces

    private int[] ids;
    private final boolean locates;
    private int[] begins; // (id): byte of the original text; empty unless positions are requested
    private int idCount;

    /** A part of the text, and its piece or NONE. */
    private record Part(int piece, int start, int size) {}

    /** @param locates whether {@link #encoding} is available; the text must then track its origins */
    BytePairMerger(Vocabulary vocabulary, ByteText text, boolean locates) {
        this(vocabulary, text, locates, WINDOW);
    }

    /** @param window number of bytes merged at once, at least 4 times the longest piece */
    BytePairMerger(Vocabulary vocabulary, ByteText text, boolean locates, int window) {
        this.vocabulary = vocabulary;
        this.source = text;
        this.locates = locates;
        this.text = text.bytes();
        this.limit = text.length();
        this.window = window;
        this.chain = new SymbolChain(vocabulary, this.text);
        this.ids = new int[Math.max(16, limit / 4)];
        this.begins = new int[locates ? ids.length : 0];
    }

    /** The ids with their positions; call instead of {@link #ids}. */
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
        if (vocabulary.hasUnused()) {
            encodeWhole();
        } else {
            encodeStretches();
        }
        return Arrays.copyOf(ids, idCount);
    }

    /** Merges the whole text at once, because the split of an unused piece depends on all merges. */
    private void encodeWhole() {
        boolean joined = false;
        for (int at = 0; at < limit; ) {
            int symbol = vocabulary.symbols().longestMatch(text, at, limit);
            int size = symbol > 0 ? symbol : Utf8.length(text, at, limit);
            chain.add(at, size, joined && symbol == 0);
            joined = symbol == 0;
            at += size;
        }
        chain.merge();
        emitFrom(0, limit);
    }

    /** Merges the text between symbols, or each word, separately. */
    private void encodeStretches() {
        int start = 0;
        for (int at = 0; at < limit; ) {
            int symbol = vocabulary.symbols().longestMatch(text, at, limit);
            if (symbol > 0 || vocabulary.wordwise() && startsWithSpace(at)) {
                encodeStretch(start, at);
                start = at + symbol;
            }
            if (symbol > 0) {
                emit(chain.piece(at, symbol), at, symbol);
                at += symbol;
            } else {
                at += Utf8.length(text, at, limit);
            }
        }
        encodeStretch(start, limit);
    }

    private boolean startsWithSpace(int at) {
        return at + SPACE.length <= limit && Arrays.equals(text, at, at + SPACE.length, SPACE, 0, SPACE.length);
    }

    private void encodeStretch(int from, int to) {
        int before = idCount;
        for (int length = window; !encodeWindows(from, to, length); length = Math.multiplyExact(2, length)) {
            idCount = before;
        }
    }

    /** Merges in windows; returns false if two windows of this length have no piece in common. */
    private boolean encodeWindows(int from, int to, int length) {
        int start = from;
        int end = merge(start, to, length);
        int emitted = from;
        while (end < to) {
            int again = lastStart(end - overlap(length));
            if (again <= start || again < emitted) {
                return false;
            }
            emitFrom(emitted, again);
            int[] before = startsFrom(again);
            int beforeEnd = end;
            end = merge(again, to, length);
            int common = firstCommon(before, beforeEnd);
            if (common < 0) {
                return false;
            }
            for (int i = 0; i < common; i++) {
                emit(chain.piece(before[i], before[i + 1] - before[i]), before[i], before[i + 1] - before[i]);
            }
            emitted = before[common];
            start = again;
        }
        emitFrom(emitted, to);
        return true;
    }

    private static int overlap(int length) {
        return Math.min(OVERLAP, length / 4);
    }

    /** Merges about {@code length} bytes of characters from {@code start} on; returns where they end. */
    private int merge(int start, int to, int length) {
        chain.clear();
        int at = start;
        while (at < to && at - start < length) {
            int size = Utf8.length(text, at, to);
            chain.add(at, size, at > start);
            at += size;
        }
        chain.merge();
        return at;
    }

    private int lastStart(int before) {
        int symbol = chain.count() - 1;
        while (symbol > 0 && (chain.size(symbol) == 0 || chain.start(symbol) > before)) {
            symbol--;
        }
        return chain.start(symbol);
    }

    private int[] startsFrom(int from) {
        int[] starts = new int[chain.count()];
        int found = 0;
        for (int symbol = 0; symbol < chain.count(); symbol++) {
            if (chain.size(symbol) > 0 && chain.start(symbol) >= from) {
                starts[found++] = chain.start(symbol);
            }
        }
        return Arrays.copyOf(starts, found);
    }

    /** The first of the symbols at {@code before} that is also in the chain; -1 if none is. */
    private int firstCommon(int[] before, int beforeEnd) {
        int i = 0;
        for (int symbol = 0; symbol < chain.count(); symbol++) {
            if (chain.size(symbol) == 0) {
                continue;
            }
            int start = chain.start(symbol);
            while (i < before.length && before[i] < start) {
                i++;
            }
            if (i == before.length) {
                return -1;
            }
            int end = i + 1 < before.length ? before[i + 1] : beforeEnd;
            if (before[i] == start && end == start + chain.size(symbol)) {
                return i;
            }
        }
        return -1;
    }

    /** Emits the symbols that start in {@code [from .. to)}. */
    private void emitFrom(int from, int to) {
        for (int symbol = 0; symbol < chain.count(); symbol++) {
            int start = chain.start(symbol);
            if (chain.size(symbol) > 0 && start >= from && start < to) {
                emit(chain.piece(symbol), start, chain.size(symbol));
            }
        }
    }

    private void emit(int piece, int start, int size) {
        if (piece == NONE) {
            emitUnknown(start, size);
        } else if (vocabulary.kind(piece) == PieceKind.UNUSED && chain.split(piece) > 0) {
            emitParts(new Part(piece, start, size));
        } else {
            append(piece, start);
        }
    }

    /** Emits the parts of an unused piece; iterative, because unused pieces may be nested thousands of levels deep. */
    private void emitParts(Part whole) {
        Deque<Part> pending = new ArrayDeque<>();
        pending.push(whole);
        while (!pending.isEmpty()) {
            Part part = pending.pop();
            boolean isSplit = part.piece() != NONE
                    && vocabulary.kind(part.piece()) == PieceKind.UNUSED
                    && chain.split(part.piece()) > 0;
            if (isSplit) {
                Part[] halves = parts.computeIfAbsent(part.piece(), piece -> split(part));
                int border = part.start() + halves[0].size();
                pending.push(new Part(halves[1].piece(), border, halves[1].size()));
                pending.push(new Part(halves[0].piece(), part.start(), halves[0].size()));
            } else {
                emit(part.piece(), part.start(), part.size());
            }
        }
    }

    private Part[] split(Part part) {
        int left = chain.split(part.piece());
        int right = part.size() - left;
        int border = part.start() + left;
        return new Part[] {
            new Part(chain.piece(part.start(), left), part.start(), left),
            new Part(chain.piece(border, right), border, right)
        };
    }

    private void emitUnknown(int start, int size) {
        if (vocabulary.byteFallback()) {
            for (int i = start; i < start + size; i++) {
                append(vocabulary.byteId(text[i]), i);
            }
        } else if (idCount == 0 || ids[idCount - 1] != vocabulary.unknownId()) {
            append(vocabulary.unknownId(), start); // one id for a run of unknown characters
        }
    }

    private void append(int id, int start) {
        if (idCount == ids.length) {
            ids = Arrays.copyOf(ids, Math.addExact(idCount, idCount / 2));
            begins = locates ? Arrays.copyOf(begins, ids.length) : begins;
        }
        if (locates) {
            begins[idCount] = source.origin(start);
        }
        ids[idCount++] = id;
    }
}

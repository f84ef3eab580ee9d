package io.spikelet.engine.token.sentencepiece;

import java.util.Arrays;

/** Finds user-defined symbols in UTF-8 text, the longest first. Immutable. */
final class SymbolMatcher {
    private final byte[][] symbols; // sorted as unsigned bytes
    private final int[] firstWith = new int[257]; // [byte] index of the first symbol that starts with it or a later one

    SymbolMatcher(byte[][] symbols) {
        this.symbols = symbols.clone();
        Arrays.sort(this.symbols, Arrays::compareUnsigned);
        int index = 0;
        for (int lead = 0; lead <= 256; lead++) {
            while (index < this.symbols.length && (this.symbols[index][0] & 0xFF) < lead) {
                index++;
            }
            firstWith[lead] = index;
        }
    }

    /** Length in bytes of the longest symbol that matches at {@code from}; 0 if none does. */
    int longestMatch(byte[] text, int from, int limit) {
        int lead = text[from] & 0xFF;
        int low = firstWith[lead];
        int high = firstWith[lead + 1];
        int longest = 0;
        int depth = 0;
        while (low < high) {
            // symbols[low .. high) agree with the text in their first depth bytes, the shortest is the first
            byte[] first = symbols[low];
            int shared = sharedBytes(first, symbols[high - 1], depth);
            int end = Math.min(limit, from + shared);
            if (end < from + shared
                    || Arrays.mismatch(text, Math.min(from + depth, end), end, first, depth, shared) >= 0) {
                break;
            }
            depth = shared;
            if (first.length == depth) {
                longest = depth;
                low++;
            } else if (from + depth < limit) {
                int wanted = text[from + depth] & 0xFF;
                low = lowerBound(low, high, depth, wanted);
                high = lowerBound(low, high, depth, wanted + 1);
            } else {
                break;
            }
        }
        return longest;
    }

    /**
     * Number of leading bytes that two symbols share, and so do all symbols sorted between them; at least {@code
     * least}.
     */
    private static int sharedBytes(byte[] low, byte[] high, int least) {
        if (low == high) {
            return low.length;
        }
        int mismatch = Arrays.mismatch(low, least, low.length, high, least, high.length);
        return mismatch < 0 ? low.length : least + mismatch;
    }

    private int lowerBound(int low, int high, int depth, int wanted) {
        int from = low;
        int to = high;
        while (from < to) {
            int middle = (from + to) >>> 1;
            if ((symbols[middle][depth] & 0xFF) < wanted) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        return from;
    }
}

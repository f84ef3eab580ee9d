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

    /** Bytes of the longest symbol that stands at {@code from}; 0 when none does. */
    int longestMatch(byte[] text, int from, int limit) {
        int lead = text[from] & 0xFF;
        int low = firstWith[lead];
        int high = firstWith[lead + 1];
        int longest = 0;
        for (int depth = 0; low < high; depth++) {
            // symbols[low .. high) agree with the text in their first depth bytes, the shortest is the first
            if (symbols[low].length == depth) {
                longest = depth;
                low++;
            }
            if (from + depth >= limit) {
                break;
            }
            int wanted = text[from + depth] & 0xFF;
            low = lowerBound(low, high, depth, wanted);
            high = lowerBound(low, high, depth, wanted + 1);
        }
        return longest;
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

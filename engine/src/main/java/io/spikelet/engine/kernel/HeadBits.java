package io.spikelet.engine.kernel;

/**
 * Which words and bits of a vector of channels, packed into 64-bit words, belong to a head: head h owns the channels {@code h
 * * headDim .. h * headDim + headDim - 1}. Immutable.
 */
public final class HeadBits {
    private final int heads;
    private final int headDim;

    public HeadBits(int heads, int headDim) {
        this.heads = heads;
        this.headDim = headDim;
    }

    public int heads() {
        return heads;
    }

    public int headDim() {
        return headDim;
    }

    /** Number of words that hold {@code bits} bits. */
    public static int words(int bits) {
        return (bits + Long.SIZE - 1) / Long.SIZE;
    }

    /** Total number of words of all heads; a word that two heads share counts for both. */
    public int headWords() {
        int words = 0;
        for (int head = 0; head < heads; head++) {
            words += lastWord(head) - firstWord(head) + 1;
        }
        return words;
    }

    int firstWord(int head) {
        return head * headDim / Long.SIZE;
    }

    int lastWord(int head) {
        return (head * headDim + headDim - 1) / Long.SIZE;
    }

    /** The bits of the head within one of its words. */
    long mask(int head, int word) {
        int first = Math.max(0, head * headDim - word * Long.SIZE);
        int end = Math.min(Long.SIZE, (head + 1) * headDim - word * Long.SIZE);
        return -1L >>> Long.SIZE - (end - first) << first;
    }
}

package io.spikelet.engine.family.bispikclm;

import io.spikelet.engine.kernel.HeadBits;

/**
 * The keys and values of one layer and sequence as bits, for every time step: word w of step t at position n is at
 * {@code (t * words + w) * capacity + n}, so that the positions that a query is compared with are contiguous. Not
 * thread-safe.
 */
final class KeyValueBits {
    private final int steps;
    private final int words;
    private final int capacity;
    final long[] keys;
    final long[] values;

    KeyValueBits(int steps, int width, int capacity) {
        this.steps = steps;
        this.words = HeadBits.words(width);
        this.capacity = capacity;
        int size = Math.multiplyExact(Math.multiplyExact(steps, words), capacity);
        this.keys = new long[size];
        this.values = new long[size];
    }

    /** Bytes of keys and values for a sequence of {@code capacity} positions. */
    static long bytes(int steps, int width, int capacity) {
        return 2L * steps * HeadBits.words(width) * capacity * Long.BYTES;
    }

    /** Offset of a step. */
    int offset(int step) {
        return step * words * capacity;
    }

    /** Distance between the words of a step. */
    int stride() {
        return capacity;
    }

    /** Stores a position's bits: {@code (step, words)} from word {@code from} on. */
    void put(int position, long[] keyBits, long[] valueBits, int from) {
        for (int i = 0; i < steps * words; i++) {
            keys[i * capacity + position] = keyBits[from + i];
            values[i * capacity + position] = valueBits[from + i];
        }
    }

    /** Copies the first {@code positions} positions of another. */
    void copyFrom(KeyValueBits other, int positions) {
        for (int i = 0; i < steps * words; i++) {
            System.arraycopy(other.keys, i * other.capacity, keys, i * capacity, positions);
            System.arraycopy(other.values, i * other.capacity, values, i * capacity, positions);
        }
    }
}

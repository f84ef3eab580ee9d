package io.spikelet.engine.kernel;

import io.spikelet.engine.tensor.Layout;
import io.spikelet.engine.tensor.Matrix;
import java.util.Arrays;

/**
 * The active indices of several spike vectors, ascending, and the integer accumulators that a product with them needs.
 * Lists with counts represent vectors of integers: an active input is added as often as its count. Not thread-safe; one
 * per decoder and width.
 */
public final class SpikeLists {
    final int[] indices; // (list, capacity)
    final int[] times; // (list, capacity): how often each index counts; null when each counts once
    final int[] counts; // (list)
    final int[] next; // (list): cursor of the blocked product
    final int[] pending; // (list): vectors in the short accumulators since they were last widened
    final short[] shorts; // (list, padded outputs)
    final int[] integers; // (list, padded outputs)
    long touched; // so that the compiler keeps reads that only warm the cache
    private final int capacity;
    private final int paddedOutputs;
    private int lists;

    /**
     * Allocates memory for {@code maxLists} lists of up to {@code capacity} active units, for matrices of at most
     * {@code outputs} outputs.
     */
    public SpikeLists(int maxLists, int capacity, int outputs) {
        this(maxLists, capacity, outputs, false);
    }

    /** @param counted whether every index has a count, which the caller writes to {@link #times()} */
    public SpikeLists(int maxLists, int capacity, int outputs, boolean counted) {
        this.capacity = capacity;
        this.times = counted ? new int[Math.multiplyExact(maxLists, capacity)] : null;
        this.paddedOutputs = Layout.pad(outputs);
        this.indices = new int[Math.multiplyExact(maxLists, capacity)];
        this.counts = new int[maxLists];
        this.next = new int[maxLists];
        this.pending = new int[maxLists];
        this.shorts = new short[Math.multiplyExact(maxLists, paddedOutputs)];
        this.integers = new int[Math.multiplyExact(maxLists, paddedOutputs)];
    }

    /** Starts over with {@code lists} lists; their counts are set by {@link #count(int, int)}. */
    public void begin(int lists) {
        this.lists = lists;
        Arrays.fill(counts, 0, lists, 0);
    }

    public int lists() {
        return lists;
    }

    /** Offset in {@link #indices()} at which the indices of a list begin. */
    public int offset(int list) {
        return list * capacity;
    }

    public int count(int list) {
        return counts[list];
    }

    /** Sets the number of indices of a list, which the caller has written at {@link #offset(int)}. */
    public void count(int list, int count) {
        counts[list] = count;
    }

    /** The shared index array. */
    public int[] indices() {
        return indices;
    }

    /** How often the index at the same place counts, at least 1; null if these lists have no counts. */
    public int[] times() {
        return times;
    }

    /**
     * Checks that the outputs of a matrix fit the accumulators of a list; a narrower matrix uses the first of them.
     *
     * @throws IllegalArgumentException if the matrix has more outputs
     */
    void requireRoomFor(Matrix weights) {
        if (weights.outputs() > paddedOutputs) {
            throw new IllegalArgumentException(
                    "a matrix of " + weights.outputs() + " outputs; these spike lists feed at" + " most "
                            + paddedOutputs + ": make them for the widest matrix");
        }
    }

    /** Makes this a copy of the chosen lists of {@code other}, in that order. */
    public void select(SpikeLists other, int[] rows, int count) {
        begin(count);
        for (int j = 0; j < count; j++) {
            int n = other.counts[rows[j]];
            System.arraycopy(other.indices, other.offset(rows[j]), indices, offset(j), n);
            counts[j] = n;
        }
    }
}

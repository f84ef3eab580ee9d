package io.spikelet.engine.family.symboliclight;

import static io.spikelet.engine.kernel.AttentionKernels.KEYS;

import io.spikelet.engine.kernel.Kernels;

/**
 * Rotated keys and values of the active positions of one sequence in one block.
 *
 * <p>An active position gets the next ordinal; ordinals 16p .. 16p+15 form panel p. The panels that can hold anchors
 * are kept permanently; the others share a ring buffer that is large enough for the window and the columns of one pass.
 * Sums over keys run by ordinal, so the bits depend neither on the size of the ring buffer nor on the split of a
 * sequence into passes. Positions without spikes are never visible and take no memory.
 *
 * <p>Not thread-safe.
 */
final class KeyValueCache {
    final KeyValueStore store;
    private final int[] positions; // (slot, lane)
    private final int heads;
    private final int headDim;
    private final Visibility visibility;
    private final int anchorPanels;
    private final int slots;
    private int length;
    private int anchorCount;
    private int windowStart;
    private long keysSeen;

    /**
     * @param maxPositions maximum number of positions of the sequence
     * @param maxColumns maximum number of positions in one pass
     */
    KeyValueCache(SymbolicLightConfig config, int maxPositions, int maxColumns) {
        this.heads = config.heads();
        this.headDim = config.headDim();
        this.visibility = config.visibility();
        this.anchorPanels = panels(Math.min(visibility.anchors(), maxPositions));
        this.slots = slots(visibility, maxPositions, maxColumns);
        this.store = KeyValueStore.of(config.keyValues(), heads, headDim, slots);
        this.positions = new int[slots * KEYS];
    }

    /** Number of panels of a cache with these parameters. */
    static int slots(Visibility visibility, int maxPositions, int maxColumns) {
        long all = panels(maxPositions);
        long bounded = (long) panels(Math.min(visibility.anchors(), maxPositions))
                + panels((long) visibility.window() + maxColumns)
                + 1;
        return Math.toIntExact(Math.min(all, bounded));
    }

    private static int panels(long positions) {
        return Math.toIntExact((positions + KEYS - 1) / KEYS);
    }

    int slots() {
        return slots;
    }

    /** Total number of keys visible to the queries so far. */
    long keysSeen() {
        return keysSeen;
    }

    /** Adds the number of keys visible to a query. */
    void saw(int keys) {
        keysSeen += keys;
    }

    /** Number of ordinals assigned so far. */
    int length() {
        return length;
    }

    /** Number of anchors among them; anchors have the lowest ordinals. */
    int anchorCount() {
        return anchorCount;
    }

    int anchorPanels() {
        return anchorPanels;
    }

    /** The slot in which panel {@code panel} is stored. */
    int slot(int panel) {
        return panel < slots ? panel : anchorPanels + (panel - anchorPanels) % (slots - anchorPanels);
    }

    /** Stores the key and the value of an active position; both have {@code heads * headDim} channels. */
    void append(Kernels kernels, float[] key, int keyOffset, float[] value, int valueOffset, int position) {
        int slot = slot(length / KEYS);
        int lane = length % KEYS;
        for (int h = 0; h < heads; h++) {
            store.put(kernels, h, slot, lane, key, keyOffset + h * headDim, value, valueOffset + h * headDim);
        }
        positions[slot * KEYS + lane] = position;
        length++;
        if (visibility.isAnchor(position)) {
            anchorCount = length;
        }
    }

    /** The lowest ordinal in the window of a query at {@code position}; call it with ascending positions. */
    int windowStart(int position) {
        while (windowStart < length && positionOf(windowStart) < visibility.oldest(position)) {
            windowStart++;
        }
        return windowStart;
    }

    private int positionOf(int ordinal) {
        return positions[slot(ordinal / KEYS) * KEYS + ordinal % KEYS];
    }

    void clear() {
        length = 0;
        anchorCount = 0;
        windowStart = 0;
        keysSeen = 0;
    }

    void copyFrom(KeyValueCache other) {
        clear();
        keysSeen = other.keysSeen;
        if (other.length == 0) {
            return;
        }
        int last = (other.length - 1) / KEYS;
        for (int panel = 0; panel <= last; panel++) {
            if (panel < anchorPanels || panel > last - (other.slots - other.anchorPanels)) {
                int from = other.slot(panel);
                int to = slot(panel);
                store.copyPanel(other.store, from, to);
                System.arraycopy(other.positions, from * KEYS, positions, to * KEYS, KEYS);
            }
        }
        length = other.length;
        anchorCount = other.anchorCount;
        windowStart = other.windowStart;
    }
}

package io.spikelet.engine.family.symboliclight;

import java.util.Arrays;

/** The state of one block for one sequence. Not thread-safe. */
final class BlockState {
    final float[] decay; // (channel)
    final KeyValueCache cache; // null without attention
    long hiddenSpikes;
    long outputSpikes;

    /**
     * @param width of the residual stream
     * @param cache null for a model without attention
     */
    BlockState(int width, KeyValueCache cache) {
        this.decay = new float[width];
        this.cache = cache;
    }

    /** Feed-forward units that fired since the start of the sequence. */
    long hiddenSpikes() {
        return hiddenSpikes;
    }

    /** Block outputs that fired since the start of the sequence. */
    long outputSpikes() {
        return outputSpikes;
    }

    /** Positions that had spikes, and therefore a query, a key and a value. */
    long activePositions() {
        return cache == null ? 0 : cache.length();
    }

    /** Total number of keys visible to the queries so far. */
    long keysSeen() {
        return cache == null ? 0 : cache.keysSeen();
    }

    /** Resets this state to the start of a sequence. */
    void reset() {
        Arrays.fill(decay, 0f);
        hiddenSpikes = 0;
        outputSpikes = 0;
        if (cache != null) {
            cache.clear();
        }
    }

    /** Makes this a copy of {@code other}, whose positions must fit into this state. */
    void copyFrom(BlockState other) {
        System.arraycopy(other.decay, 0, decay, 0, decay.length);
        hiddenSpikes = other.hiddenSpikes;
        outputSpikes = other.outputSpikes;
        if (cache != null) {
            cache.copyFrom(other.cache);
        }
    }
}

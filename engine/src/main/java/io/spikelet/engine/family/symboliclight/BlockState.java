package io.spikelet.engine.family.symboliclight;

import java.util.Arrays;

/** What one block remembers of one sequence. Not thread-safe. */
public final class BlockState {
    final float[] decay; // (channel)
    final KeyValueCache cache; // null without attention
    long hiddenSpikes;
    long outputSpikes;

    /**
     * @param width of the residual stream
     * @param cache null for a model without attention
     */
    public BlockState(int width, KeyValueCache cache) {
        this.decay = new float[width];
        this.cache = cache;
    }

    /** Feed-forward units that fired since the start of the sequence. */
    public long hiddenSpikes() {
        return hiddenSpikes;
    }

    /** Block outputs that fired since the start of the sequence. */
    public long outputSpikes() {
        return outputSpikes;
    }

    /** Back to the start of a sequence. */
    public void reset() {
        Arrays.fill(decay, 0f);
        hiddenSpikes = 0;
        outputSpikes = 0;
        if (cache != null) {
            cache.clear();
        }
    }

    /** Becomes a copy of {@code other}, which has at most this capacity's positions. */
    public void copyFrom(BlockState other) {
        System.arraycopy(other.decay, 0, decay, 0, decay.length);
        hiddenSpikes = other.hiddenSpikes;
        outputSpikes = other.outputSpikes;
        if (cache != null) {
            cache.copyFrom(other.cache);
        }
    }
}

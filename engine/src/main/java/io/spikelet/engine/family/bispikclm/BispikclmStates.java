package io.spikelet.engine.family.bispikclm;

import io.spikelet.engine.model.StateShape;

/** Sizes of sequences: they grow with the positions and end with the learned ones. */
record BispikclmStates(BispikclmConfig config) implements StateShape {
    private static final int STEP = Long.SIZE;

    /** In steps, so that states serve each other. */
    @Override
    public int capacity(int maxPositions) {
        int step = Math.max(STEP, Integer.highestOneBit(maxPositions) / 4);
        long rounded = ((long) maxPositions + step - 1) / step * step;
        return (int) Math.min(config.maxPositions(), rounded);
    }

    @Override
    public long bytes(int maxPositions) {
        return SequenceBits.bytes(config, capacity(maxPositions));
    }

    @Override
    public SequenceBits create(int maxPositions) {
        if (maxPositions > config.maxPositions()) {
            throw new IllegalStateException("a sequence of " + maxPositions + " positions; this model has learned "
                    + config.maxPositions() + ": shorten the prompt or --max-new-tokens");
        }
        return new SequenceBits(config, capacity(maxPositions));
    }
}

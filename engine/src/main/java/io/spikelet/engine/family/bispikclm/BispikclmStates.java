package io.spikelet.engine.family.bispikclm;

import io.spikelet.engine.model.StateShape;

/** Sizes of sequence states: they grow with the positions, up to the number of learned positions. */
record BispikclmStates(BispikclmConfig config) implements StateShape {
    private static final int STEP = Long.SIZE;

    /** Capacities come in steps, so that a released state can be reused for another sequence. */
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

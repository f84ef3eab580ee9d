package io.spikelet.engine.family.spikegpt;

import io.spikelet.engine.model.StateShape;

/** All states have the same size, and their capacity is unlimited. */
record RecurrentStates(SpikeGptConfig config) implements StateShape {
    @Override
    public int capacity(int maxPositions) {
        return Integer.MAX_VALUE;
    }

    @Override
    public long bytes(int maxPositions) {
        return RecurrentState.bytes(config);
    }

    @Override
    public RecurrentState create(int maxPositions) {
        return new RecurrentState(config);
    }
}

package io.spikelet.engine.family.symboliclight;

import io.spikelet.engine.kernel.AttentionKernels;
import io.spikelet.engine.model.StateShape;

/**
 * The size of a model's sequence states, known before any of them exists. Memory grows with the positions until it
 * covers the window and anchors of attention and the columns of one pass; a sequence can then continue without limit.
 *
 * @param maxColumns maximum number of positions in one pass
 */
record SymbolicLightStates(SymbolicLightConfig config, int maxColumns) implements StateShape {
    private static final int MAX_ARRAY = Integer.MAX_VALUE - 8;

    /**
     * Capacity, in positions, of a state made for {@code maxPositions}: sizes come in steps, so that a released state
     * can be reused for other sequences.
     */
    @Override
    public int capacity(int maxPositions) {
        int step = Math.max(AttentionKernels.KEYS, Integer.highestOneBit(maxPositions) / 4);
        long rounded = ((long) maxPositions + step - 1) / step * step;
        boolean bounded = !config.sparseAttention() || rounded >= Integer.MAX_VALUE || slots(rounded) == maxSlots();
        return bounded ? Integer.MAX_VALUE : (int) rounded;
    }

    /** Panels of keys and values of the largest state. */
    int maxSlots() {
        return slots(Integer.MAX_VALUE);
    }

    private int slots(long positions) {
        return KeyValueCache.slots(config.visibility(), (int) positions, maxColumns);
    }

    /** Bytes of a state made for {@code maxPositions}. */
    @Override
    public long bytes(int maxPositions) {
        long perLayer = (long) config.embedDim() * Float.BYTES;
        if (config.sparseAttention()) {
            long keys = (long) slots(capacity(maxPositions)) * AttentionKernels.KEYS;
            perLayer += keys * (config.keyValueBytes() + Integer.BYTES);
        }
        return config.layers() * perLayer + (long) config.embedDim() * Float.BYTES;
    }

    /**
     * A state at the start of a sequence.
     *
     * @throws IllegalStateException if the keys of a layer do not fit into an array
     */
    @Override
    public SymbolicLightState create(int maxPositions) {
        int capacity = capacity(maxPositions);
        BlockState[] blocks = new BlockState[config.layers()];
        for (int i = 0; i < blocks.length; i++) {
            blocks[i] = new BlockState(config.embedDim(), config.sparseAttention() ? cache(capacity) : null);
        }
        return new SymbolicLightState(config, new float[config.embedDim()], blocks);
    }

    private KeyValueCache cache(int capacity) {
        long entries = (long) slots(capacity) * AttentionKernels.KEYS * config.embedDim();
        if (entries > MAX_ARRAY) {
            throw new IllegalStateException("a sequence of " + capacity + " positions has " + entries
                    + " key channels a layer; " + MAX_ARRAY + " is the most: shorten the prompt or --max-new-tokens");
        }
        return new KeyValueCache(config, capacity, maxColumns);
    }
}

package io.spikelet.engine.model;

/**
 * The size of a model's sequence states, known before any of them exists. Immutable.
 *
 * <p>Sizes may be rounded up, so that a released state can be reused for other sequences.
 */
public interface StateShape {
    /** Capacity, in positions, of a state made for {@code maxPositions}; {@link Integer#MAX_VALUE} if unlimited. */
    int capacity(int maxPositions);

    /** Bytes of a state made for {@code maxPositions}. */
    long bytes(int maxPositions);

    /**
     * A state at the start of a sequence.
     *
     * @throws IllegalStateException if it does not fit into an array
     */
    SequenceState create(int maxPositions);
}

package io.spikelet.engine.model;

/**
 * The size of a model's sequence states, known before any of them exists. Immutable.
 *
 * <p>Sizes may be rounded up, so that a released state can be reused for other sequences.
 */
public interface StateShape {
    /** Positions that a state made for {@code maxPositions} has room for, {@link Integer#MAX_VALUE} for no bound. */
    int capacity(int maxPositions);

    /** Bytes of a state made for {@code maxPositions}. */
    long bytes(int maxPositions);

    /**
     * A state at the start of a sequence.
     *
     * @throws IllegalStateException if it is larger than an array can hold
     */
    SequenceState create(int maxPositions);
}

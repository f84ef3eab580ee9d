package io.spikelet.engine.model;

/**
 * How large a model's sequences are, before any of them exists. Immutable.
 *
 * <p>Sizes may come in steps, so that a released state serves other sequences too.
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

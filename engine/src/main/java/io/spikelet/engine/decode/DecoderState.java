package io.spikelet.engine.decode;

import io.spikelet.engine.model.SequenceState;

/**
 * One sequence of a decoder: the model's state and the position.
 *
 * <p>Comes from {@link Decoder#allocate} and goes back with {@link Decoder#release}. Not thread-safe.
 */
public final class DecoderState {
    private final SequenceState memory;
    private final int maxPositions;
    private int position;
    private int pending;
    private boolean lent;

    DecoderState(SequenceState memory, int maxPositions) {
        this.memory = memory;
        this.maxPositions = maxPositions;
    }

    /** The model's state. */
    SequenceState memory() {
        return memory;
    }

    /** Positions decoded so far. */
    public int position() {
        return position;
    }

    /** Most positions this state was made for. */
    public int maxPositions() {
        return maxPositions;
    }

    /** Back to the start of a sequence. */
    public void reset() {
        memory.reset();
        position = 0;
        pending = 0;
    }

    /**
     * Becomes a copy of {@code other}, of the same decoder.
     *
     * @throws IllegalArgumentException if this state has less room than {@code other} has positions
     */
    public void copyFrom(DecoderState other) {
        if (other.position > maxPositions) {
            throw new IllegalArgumentException(
                    "a state for " + maxPositions + " positions cannot hold " + other.position);
        }
        memory.copyFrom(other.memory);
        position = other.position;
        pending = 0;
    }

    /** Takes the next position of a pass. */
    int takePosition() {
        if (position + pending >= maxPositions) {
            throw new IllegalStateException(
                    "the sequence has reached the " + maxPositions + " positions it was allocated for; allocate more");
        }
        return position + pending++;
    }

    /** A position of a pass has been run. */
    void advance() {
        position++;
        pending--;
    }

    /** The pass will not be run. */
    void cancel() {
        pending = 0;
    }

    /** Whether it is in use. */
    boolean isLent() {
        return lent;
    }

    void lent(boolean inUse) {
        lent = inUse;
    }
}

package io.spikelet.engine.decode;

import io.spikelet.engine.model.SequenceState;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * One sequence of a decoder: the model's state and the position.
 *
 * <p>Obtained from {@link Decoder#allocate} and returned by {@link Decoder#release}. Not thread-safe.
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

    /** Maximum number of positions of this state. */
    public int maxPositions() {
        return maxPositions;
    }

    /** Resets this state to the start of a sequence. */
    public void reset() {
        memory.reset();
        position = 0;
        pending = 0;
    }

    /**
     * Makes this state a copy of {@code other}, a state of the same decoder.
     *
     * @throws IllegalArgumentException if {@code other} has more positions than fit into this state
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

    /**
     * Makes this the initial state of the next trial of a prompt, where this state is that of the trial before; see
     * {@link SequenceState#copyForTrial}. The positions of {@code prompt} must fit into this state.
     */
    void copyForTrial(DecoderState prompt) {
        memory.copyForTrial(prompt.memory);
        position = prompt.position;
        pending = 0;
    }

    /** Whether {@link #write} supports this state; see {@link SequenceState#isPortable}. */
    public boolean isPortable() {
        return memory.isPortable();
    }

    /** Writes everything that {@link #read} needs to continue with the same bits. Only for portable states. */
    public void write(DataOutput out) throws IOException {
        out.writeInt(position);
        memory.write(out);
    }

    /** Restores the state that was written, under a model with the same configuration. */
    public void read(DataInput in) throws IOException {
        position = in.readInt();
        pending = 0;
        memory.read(in);
    }

    /** Reserves the next position for a pass and returns it. */
    int takePosition() {
        if (position + pending >= maxPositions) {
            throw new IllegalStateException(
                    "the sequence has reached the " + maxPositions + " positions it was allocated for; allocate more");
        }
        return position + pending++;
    }

    /** Records that a reserved position has been run. */
    void advance() {
        position++;
        pending--;
    }

    /** Gives up the reserved positions of a pass that will not be run. */
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

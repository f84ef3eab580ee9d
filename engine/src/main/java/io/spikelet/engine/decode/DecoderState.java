package io.spikelet.engine.decode;

import io.spikelet.engine.family.symboliclight.BlockState;
import java.util.Arrays;

/**
 * Everything a decoder remembers of one sequence: membranes, decay states, keys and values, spike counts.
 *
 * <p>Comes from {@link Decoder#allocate} and goes back with {@link Decoder#release}. Not thread-safe.
 */
public final class DecoderState {
    final float[] membrane; // (channel)
    final BlockState[] blocks; // (layer)
    private final int maxPositions;
    private int position;
    private int pending;
    private long encoderSpikes;

    DecoderState(float[] membrane, BlockState[] blocks, int maxPositions) {
        this.membrane = membrane;
        this.blocks = blocks;
        this.maxPositions = maxPositions;
    }

    /** Positions decoded so far. */
    public int position() {
        return position;
    }

    /** Most positions this state was made for. */
    public int maxPositions() {
        return maxPositions;
    }

    /** Encoder units that fired so far, over all positions. */
    public long encoderSpikes() {
        return encoderSpikes;
    }

    /** Feed-forward units of a layer that fired so far. */
    public long ffnSpikes(int layer) {
        return blocks[layer].hiddenSpikes();
    }

    /** Output spikes of a layer so far. */
    public long blockSpikes(int layer) {
        return blocks[layer].outputSpikes();
    }

    /** Back to the start of a sequence. */
    public void reset() {
        Arrays.fill(membrane, 0f);
        for (BlockState block : blocks) {
            block.reset();
        }
        position = 0;
        pending = 0;
        encoderSpikes = 0;
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
        System.arraycopy(other.membrane, 0, membrane, 0, membrane.length);
        for (int i = 0; i < blocks.length; i++) {
            blocks[i].copyFrom(other.blocks[i]);
        }
        position = other.position;
        pending = 0;
        encoderSpikes = other.encoderSpikes;
    }

    /** Takes the next position of a pass. */
    int takePosition() {
        if (position + pending >= maxPositions) {
            throw new IllegalStateException(
                    "the sequence has reached the " + maxPositions + " positions it was allocated for; allocate more");
        }
        return position + pending++;
    }

    void advance(int spikes) {
        position++;
        pending--;
        encoderSpikes += spikes;
    }

    void cancel() {
        pending = 0;
    }
}

package io.spikelet.engine.decode;

import java.util.ArrayList;
import java.util.List;

/**
 * The states of one piece of work in flight. However the work ends, {@link #close} returns all its states, so that none
 * is lost to the decoder. Not thread-safe.
 */
public final class OwnedStates implements AutoCloseable {
    private final Decoder decoder;
    private final List<DecoderState> held = new ArrayList<>();

    public OwnedStates(Decoder decoder) {
        this.decoder = decoder;
    }

    /** Whether {@link #allocate} has the memory for one more. */
    public boolean fits(int maxPositions) {
        return decoder.fits(maxPositions);
    }

    /**
     * A state at the start of a sequence; see {@link Decoder#allocate}.
     *
     * @throws IllegalStateException if there is no memory for it
     */
    public DecoderState allocate(int maxPositions) {
        DecoderState state = decoder.allocate(maxPositions);
        held.add(state);
        return state;
    }

    /**
     * Gives one back before the others.
     *
     * @throws IllegalStateException if this work does not have it
     */
    public void release(DecoderState state) {
        if (!held.remove(state)) {
            throw new IllegalStateException("the state is not this work's: it was given back already");
        }
        decoder.release(state);
    }

    /** Returns all states; the work may continue and allocate again. */
    @Override
    public void close() {
        held.forEach(decoder::release);
        held.clear();
    }
}

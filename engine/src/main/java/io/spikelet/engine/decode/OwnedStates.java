package io.spikelet.engine.decode;

import java.util.ArrayList;
import java.util.List;

/**
 * The states of one piece of work in flight. {@link #close} returns all its states to the decoder, however the work
 * ends. Not thread-safe.
 */
public final class OwnedStates implements AutoCloseable {
    private final Decoder decoder;
    private final List<DecoderState> held = new ArrayList<>();

    public OwnedStates(Decoder decoder) {
        this.decoder = decoder;
    }

    /** Whether {@link #allocate} has the memory for one more state. */
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
     * Returns one state before the others.
     *
     * @throws IllegalStateException if this work does not own it
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

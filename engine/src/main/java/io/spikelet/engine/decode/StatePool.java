package io.spikelet.engine.decode;

import io.spikelet.engine.model.StateShape;
import java.util.ArrayList;
import java.util.List;

/**
 * The states of one decoder: those in use, and released ones that can be reused. There are never more states than were
 * in use at the same time, and never more than the limit allows.
 *
 * <p>Not thread-safe.
 */
final class StatePool {
    private final StateShape shape;
    private final long limitBytes;
    private final List<DecoderState> free = new ArrayList<>();
    private long bytes; // of all states, free or in use
    private long freeBytes;

    StatePool(StateShape shape, long limitBytes) {
        this.shape = shape;
        this.limitBytes = limitBytes;
    }

    /** Bytes of a state for {@code maxPositions} positions. */
    long bytes(int maxPositions) {
        return shape.bytes(maxPositions);
    }

    /** Whether {@link #take} would succeed now. */
    boolean fits(int maxPositions) {
        return fits(maxPositions, 1) || bestFit(maxPositions) != null;
    }

    /** Whether there is memory for {@code count} new states. */
    boolean fits(int maxPositions, int count) {
        return bytes - freeBytes + count * shape.bytes(maxPositions) <= limitBytes;
    }

    /**
     * A state at the start of a sequence.
     *
     * @throws IllegalStateException if there is no memory for it
     */
    DecoderState take(int maxPositions) {
        DecoderState fit = bestFit(maxPositions);
        if (fit != null) {
            remove(fit);
            fit.lent(true);
            return fit;
        }
        long needed = shape.bytes(maxPositions);
        if (!fits(maxPositions)) {
            throw new IllegalStateException("the state of a sequence of " + maxPositions + " positions takes " + needed
                    + " bytes; " + (limitBytes - bytes + freeBytes) + " of " + limitBytes
                    + " are left: shorten the prompt or --max-new-tokens, lower --batch-size, or give the JVM more"
                    + " memory (-Xmx)");
        }
        do { // at least one: drop a free state that is too small for one that is large enough
            dropSmallest();
        } while (bytes + needed > limitBytes);
        DecoderState state = new DecoderState(shape.create(maxPositions), shape.capacity(maxPositions));
        bytes += needed;
        state.lent(true);
        return state;
    }

    /**
     * Takes a state back.
     *
     * @throws IllegalStateException if it is not in use
     */
    void give(DecoderState state) {
        if (!state.isLent()) {
            throw new IllegalStateException("the state was given back already: two sequences would have the same");
        }
        state.lent(false);
        state.reset();
        free.add(state);
        freeBytes += shape.bytes(state.maxPositions());
    }

    /** Drops the free states. */
    void clear() {
        free.clear();
        bytes -= freeBytes;
        freeBytes = 0;
    }

    private DecoderState bestFit(int maxPositions) {
        DecoderState best = null;
        for (DecoderState state : free) {
            if (state.maxPositions() >= maxPositions && (best == null || state.maxPositions() < best.maxPositions())) {
                best = state;
            }
        }
        return best;
    }

    private void dropSmallest() {
        DecoderState smallest = bestFit(0);
        if (smallest != null) {
            remove(smallest);
            bytes -= shape.bytes(smallest.maxPositions());
        }
    }

    private void remove(DecoderState state) {
        free.remove(state);
        freeBytes -= shape.bytes(state.maxPositions());
    }
}

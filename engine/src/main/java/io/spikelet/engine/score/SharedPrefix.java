package io.spikelet.engine.score;

import io.spikelet.engine.decode.Decoder;
import io.spikelet.engine.decode.DecoderState;
import io.spikelet.engine.decode.OwnedStates;
import java.util.Arrays;
import java.util.List;

/**
 * The ids with which the sequences of many items begin, and the state after them, which is decoded once. A copied state
 * has the same bits as a computed one. Not thread-safe.
 */
final class SharedPrefix {
    private final int[] ids;
    private final Decoder decoder;
    private final OwnedStates states;
    private DecoderState state; // null before it is decoded, or if that fails
    private boolean isTried;

    /** @param ids empty if the items have nothing in common */
    SharedPrefix(int[] ids, Decoder decoder) {
        this.ids = ids;
        this.decoder = decoder;
        this.states = new OwnedStates(decoder);
    }

    /**
     * Decodes the ids, unless that was tried before. If memory is short or decoding fails, each item decodes them
     * itself and reports the failure.
     *
     * @param context maximum number of positions of an item, for which memory is left free
     */
    void decode(int context) {
        if (isTried || ids.length == 0) {
            return;
        }
        isTried = true;
        if (!decoder.fits(Math.addExact(ids.length, context))) {
            return;
        }
        try {
            DecoderState decoded = states.allocate(ids.length);
            for (int fed = 0; fed < ids.length; ) {
                decoder.clear();
                int end = Math.min(ids.length, fed + decoder.maxColumns());
                while (fed < end) {
                    decoder.add(decoded, ids[fed++], false);
                }
                decoder.run();
            }
            state = decoded;
        } catch (RuntimeException e) {
            states.close();
        } finally {
            decoder.clear();
        }
    }

    /** The state after the ids, which must only be copied from; null if there is none. */
    DecoderState state() {
        return state;
    }

    /**
     * Number of leading positions that an item can take from here: all ids, or 0 if its sequences do not begin with
     * them, if the sequences have no further position in common, or if the logits of one of these positions are scored.
     *
     * @param common positions that all sequences of the item have in common
     */
    int length(List<ContinuationScore> decoded, int common) {
        int[] first = decoded.getFirst().sequence();
        boolean begins = ids.length > 0
                && ids.length < common
                && Arrays.equals(ids, 0, ids.length, first, 0, ids.length)
                && decoded.stream().noneMatch(continuation -> continuation.scores(ids.length - 1));
        return begins ? ids.length : 0;
    }

    /** Returns the state. */
    void close() {
        state = null;
        states.close();
    }
}

package io.spikelet.engine.score;

import io.spikelet.engine.decode.Decoder;
import io.spikelet.engine.decode.DecoderState;
import io.spikelet.engine.decode.OwnedStates;
import java.util.List;

/** Consecutive positions that one state decodes for all continuations that share them. */
final class Stretch {
    private final List<ContinuationScore> continuations;
    private final int[] sequence;
    private final int begin;
    private final int end;
    private int fed;
    private int collected;
    private DecoderState state; // null before the first position and after the last

    /** Positions {@code [begin, end)} of the sequences, which are equal up to there. */
    Stretch(List<ContinuationScore> continuations, int begin, int end) {
        this.continuations = continuations;
        this.sequence = continuations.getFirst().sequence();
        this.begin = begin;
        this.end = end;
        restart();
    }

    int length() {
        return end - begin;
    }

    int end() {
        return end;
    }

    boolean fed() {
        return fed == end;
    }

    boolean done() {
        return collected == end;
    }

    DecoderState state() {
        return state;
    }

    void state(DecoderState next) {
        state = next;
    }

    /** Adds up to {@code most} positions to the pass, in consecutive columns, and returns where they are. */
    Placement feed(Decoder decoder, int most) {
        int first = fed;
        int columns = Math.min(most, end - first);
        int firstColumn = -1;
        for (int i = 0; i < columns; i++) {
            int column = decoder.add(state, sequence[first + i], isScored(first + i));
            firstColumn = i == 0 ? column : firstColumn;
        }
        fed += columns;
        return new Placement(first, firstColumn, columns);
    }

    /** Adds the results of the pass for the positions of a placement. */
    void collect(Decoder decoder, Placement placement) {
        for (int i = 0; i < placement.columns(); i++) {
            int position = placement.first() + i;
            if (isScored(position)) {
                int offset = decoder.logitsOffset(placement.firstColumn() + i);
                double logSum = ContinuationScore.logSum(decoder, offset);
                int argmax = decoder.kernels().argmax(decoder.logits(), offset, decoder.vocabulary());
                for (ContinuationScore continuation : continuations) {
                    if (continuation.scores(position)) {
                        continuation.add(position, decoder.logits(), offset, logSum, argmax);
                    }
                }
            }
        }
        collected += placement.columns();
    }

    private boolean isScored(int position) {
        for (ContinuationScore continuation : continuations) {
            if (continuation.scores(position)) {
                return true;
            }
        }
        return false;
    }

    /** Returns the state, if there is one. */
    void release(OwnedStates states) {
        if (state != null) {
            states.release(state);
            state = null;
        }
    }

    /** Starts over at the first position; the state has already been returned. */
    void restart() {
        state = null;
        fed = begin;
        collected = begin;
    }

    /**
     * Where positions are in a pass.
     *
     * @param first the first position
     */
    record Placement(int first, int firstColumn, int columns) {}
}

package io.spikelet.engine.score;

import io.spikelet.engine.decode.DecoderState;

/**
 * The part of a run in a pass.
 *
 * @param first its first token, an index into the unit's sequence
 * @param firstColumn first of its columns, which are consecutive
 */
record Span(ScoringRun run, DecoderState state, int first, int firstColumn, int columns) {
    int end() {
        return first + columns;
    }

    boolean endsRun() {
        return end() == run.end();
    }
}

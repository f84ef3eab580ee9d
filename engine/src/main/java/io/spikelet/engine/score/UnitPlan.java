package io.spikelet.engine.score;

import java.util.List;
import java.util.OptionalInt;

/**
 * A unit as a token sequence and runs.
 *
 * @param sequence {@code [prefix + tokens]}
 * @param prefix 1 if the sequence starts with the prefix token
 * @param prefixToken empty if there is none
 * @param edges of the tokens in the text, {@code [tokens + 1]}; empty if not needed
 * @param windows of each protocol; empty for a protocol that scores nothing here
 */
@SuppressWarnings("ArrayRecordComponent") // belongs to one cursor
record UnitPlan(
        ScoringUnit unit,
        int[] sequence,
        int prefix,
        OptionalInt prefixToken,
        int[] edges,
        List<List<Window>> windows,
        List<ScoringRun> runs) {
    /** The token that the model reads at a position of a run. */
    int input(ScoringRun run, int position) {
        return run.isPrefixFirst() && position == run.begin() ? prefixToken.orElseThrow() : sequence[position];
    }

    /** Number of tokens, without the prefix. */
    int tokens() {
        return sequence.length - prefix;
    }

    int scored(int protocol) {
        return windows.get(protocol).stream().mapToInt(Window::scored).sum();
    }

    /** Bytes of the tokens that a protocol scores. */
    long scoredBytes(int protocol) {
        long bytes = 0;
        for (Window window : windows.get(protocol)) {
            bytes += edges[window.end() + 1 - prefix] - edges[window.scoreFrom() - prefix];
        }
        return bytes;
    }
}

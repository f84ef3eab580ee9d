package io.spikelet.engine.decode;

import io.spikelet.engine.model.StopTokens;
import io.spikelet.engine.token.Tokenizer;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The ids that end a completion: those of the model's family, and the additional ones of the row. Immutable and
 * thread-safe.
 */
final class StopRule {
    private static final int DECODED_IDS = 4; // whose text must contain that of a confirmed stop

    private final StopTokens stops;
    private final int[] furtherIds;
    private final Optional<Tokenizer> tokenizer;

    /** @param tokenizer may be empty if the family's stops need no text */
    StopRule(StopTokens stops, int[] furtherIds, Optional<Tokenizer> tokenizer) {
        this.stops = stops;
        this.furtherIds = furtherIds.clone();
        this.tokenizer = tokenizer;
    }

    /** Whether the completion {@code ids[0 .. count)} is over. */
    boolean stops(int[] ids, int count) {
        if (count == 0) {
            return false;
        }
        int last = ids[count - 1];
        if (last == stops.eos() || contains(furtherIds, last)) {
            return true;
        }
        return last == stops.confirmed()
                && tokenizer
                        .orElseThrow()
                        .decode(ids, Math.max(0, count - DECODED_IDS), count)
                        .contains(stops.text());
    }

    private static boolean contains(int[] ids, int wanted) {
        for (int id : ids) {
            if (id == wanted) {
                return true;
            }
        }
        return false;
    }

    /** All ids that can end a completion; -1 among them means none. */
    IntStream ids() {
        return IntStream.concat(IntStream.of(stops.eos(), stops.confirmed()), Arrays.stream(furtherIds));
    }

    /** Whether upstream ends completions at the id, so that it cannot be banned. */
    boolean protects(int id) {
        return id >= 0 && (id == stops.eos() || id == stops.confirmed());
    }
}

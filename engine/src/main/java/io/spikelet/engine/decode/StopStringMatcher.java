package io.spikelet.engine.decode;

import io.spikelet.engine.token.Tokenizer;
import java.util.List;

/**
 * The text of a completion as it grows after its prompt, and the position where a stop string ends it. The result does
 * not depend on token boundaries: the stop string that is completed first counts, and of several that end at the same
 * character the longest. An incomplete character does not count as text. Not thread-safe; one per row.
 */
final class StopStringMatcher {
    private static final int NONE = -1;

    private final List<String> stops;
    private final Tokenizer.StreamDecoder decoder;
    private final StringBuilder text = new StringBuilder();
    private int searched; // length of the text at the last search
    private int overlooked; // stop strings that end at or before this do not count
    private int cut = NONE;

    StopStringMatcher(List<String> stops, Tokenizer tokenizer, int[] promptIds) {
        this.stops = stops;
        this.decoder = tokenizer.streamDecoderAfter(promptIds);
    }

    /**
     * Adds a generated id.
     *
     * @param mayStop whether a stop string that is complete now ends the text
     * @return whether a stop string ended the text
     */
    boolean add(int id, boolean mayStop) {
        decoder.append(id, text);
        return look(mayStop);
    }

    /** Called when no more ids follow; returns whether the text held back completes a stop string. */
    boolean finish() {
        if (cut == NONE) {
            decoder.finish(text);
        }
        return look(true);
    }

    /** The text, cut before the stop string if there is one. */
    String text() {
        return cut == NONE ? text.toString() : text.substring(0, cut);
    }

    private boolean look(boolean mayStop) {
        if (cut == NONE && mayStop) {
            search();
        } else if (!mayStop) {
            overlooked = text.length();
        }
        searched = text.length();
        return cut != NONE;
    }

    private void search() {
        int firstEnd = Integer.MAX_VALUE;
        for (int i = 0; i < stops.size(); i++) {
            String stop = stops.get(i);
            int from = Math.max(searched, overlooked) - stop.length() + 1;
            int start = text.indexOf(stop, Math.max(0, from));
            int end = start + stop.length();
            if (start >= 0 && (end < firstEnd || (end == firstEnd && start < cut))) {
                firstEnd = end;
                cut = start;
            }
        }
    }
}

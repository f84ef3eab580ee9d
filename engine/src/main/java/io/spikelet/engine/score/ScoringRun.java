package io.spikelet.engine.score;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Windows of several protocols that begin with the same token. They need only one run of the model, because a token's
 * probability does not depend on where its window ends. Immutable.
 *
 * @param begin beginning of the input, an index into the unit's sequence
 * @param end end of the longest window
 * @param isPrefixFirst whether the prefix token is the first input
 */
record ScoringRun(int begin, int end, boolean isPrefixFirst, List<Part> parts) {
    /** The window of one protocol, which is given by its index in the list of protocols. */
    record Part(int protocol, Window window) {
        boolean scores(int target) {
            return target >= window.scoreFrom() && target <= window.end();
        }
    }

    ScoringRun {
        parts = List.copyOf(parts);
    }

    private static ScoringRun of(List<Part> parts) {
        Window first = parts.getFirst().window();
        int end = parts.stream().mapToInt(part -> part.window().end()).max().orElseThrow();
        return new ScoringRun(first.begin(), end, first.prefixFirst(), parts);
    }

    /**
     * The runs of a document in ascending order, so that every protocol gets its tokens in order.
     *
     * @param windows of each protocol, as indices into one sequence
     */
    static List<ScoringRun> share(List<List<Window>> windows) {
        Comparator<Window> order = Comparator.comparingInt(Window::begin).thenComparing(Window::prefixFirst);
        Map<Window, List<Part>> runs = new TreeMap<>(order);
        for (int protocol = 0; protocol < windows.size(); protocol++) {
            for (Window window : windows.get(protocol)) {
                runs.computeIfAbsent(window, ignored -> new ArrayList<>()).add(new Part(protocol, window));
            }
        }
        return runs.values().stream().map(ScoringRun::of).toList();
    }

    int positions() {
        return end - begin;
    }

    /** The next position at which spikes must be counted: the next end of a window. */
    int stopAfter(int position) {
        int stop = end;
        for (Part part : parts) {
            int partEnd = part.window().end();
            if (partEnd > position && partEnd < stop) {
                stop = partEnd;
            }
        }
        return stop;
    }

    boolean scores(int target) {
        for (Part part : parts) {
            if (part.scores(target)) {
                return true;
            }
        }
        return false;
    }
}

package io.spikelet.engine.score;

/**
 * One run of the model over a part of a token sequence, from a fresh state: its input is {@code [begin, end)}, and the
 * tokens {@code [scoreFrom, end]} are scored, each under the logits of the position before it.
 *
 * @param prefixFirst whether the prefix token replaces the sequence's own token as input at {@code begin}
 * @param weight weight of each scored token
 */
public record Window(int begin, int end, int scoreFrom, boolean prefixFirst, double weight) {
    public Window {
        if (begin < 0 || scoreFrom <= begin || end < scoreFrom) {
            throw new IllegalArgumentException("window [" + begin + ", " + end + ") scored from " + scoreFrom
                    + "; it must hold 0 <= begin < scoreFrom <= end");
        }
    }

    /** A window of the sequence's own tokens, each with weight 1. */
    public Window(int begin, int end, int scoreFrom) {
        this(begin, end, scoreFrom, false, 1);
    }

    /** Number of positions that the model decodes. */
    public int positions() {
        return end - begin;
    }

    /** Number of scored tokens. */
    public int scored() {
        return end - scoreFrom + 1;
    }
}

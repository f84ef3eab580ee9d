package io.spikelet.engine.decode;

import java.util.Arrays;
import java.util.BitSet;
import java.util.stream.IntStream;

/**
 * Penalties and banned ids of one row: the first three steps of {@link SamplingParams}. Not thread-safe; one per row.
 */
final class LogitsProcessor {
    private final SamplingParams params;
    private final int[] banned;
    private final int[] stopping; // banned until the minimum length
    private final BitSet seen = new BitSet();
    private final boolean repetition;
    private final boolean counting;
    private int[] counted = new int[16]; // (n) distinct generated ids, if counting
    private int[] counts = new int[16]; // (n)
    private int distinct;
    private int last = -1;
    private int generated;

    /**
     * @param vocabulary ids from this one on are masked in any case
     * @param stop its ids cannot be banned
     */
    LogitsProcessor(SamplingParams params, int vocabulary, StopRule stop) {
        this.params = params;
        this.repetition = params.repetitionPenalty() != 1f;
        this.counting = params.presencePenalty() != 0 || params.frequencyPenalty() != 0;
        this.banned = valid(Arrays.stream(params.bannedIds()).filter(id -> !stop.protects(id)), vocabulary);
        this.stopping = params.minNewTokens() == 0 ? new int[0] : valid(stop.ids(), vocabulary);
    }

    private static int[] valid(IntStream ids, int vocabulary) {
        return ids.filter(id -> id >= 0 && id < vocabulary).distinct().toArray();
    }

    SamplingParams params() {
        return params;
    }

    /** The last id so far; -1 if there is none. */
    int last() {
        return last;
    }

    /** Records an id of the prompt. */
    void saw(int id) {
        last = id;
        if (repetition) {
            seen.set(id);
        }
    }

    /** Records the next generated id. */
    void generated(int id) {
        saw(id);
        generated++;
        if (counting) {
            count(id);
        }
    }

    private void count(int id) {
        int place = 0;
        while (place < distinct && counted[place] != id) {
            place++;
        }
        if (place == counted.length) {
            counted = Arrays.copyOf(counted, 2 * place);
            counts = Arrays.copyOf(counts, 2 * place);
        }
        if (place == distinct) {
            counted[distinct++] = id;
        }
        counts[place]++;
    }

    /** Whether {@link #apply} would change nothing. */
    boolean none() {
        return banned.length == 0 && !repetition && distinct == 0 && !holdsOff();
    }

    /** Whether the completion is shorter than its minimum length. */
    private boolean holdsOff() {
        return generated < params.minNewTokens();
    }

    /** Applies the penalties and bans to {@code logits[0 .. vocabulary)}. */
    void apply(float[] logits) {
        float penalty = params.repetitionPenalty();
        for (int id = seen.nextSetBit(0); id >= 0 && id < logits.length; id = seen.nextSetBit(id + 1)) {
            logits[id] = logits[id] < 0 ? logits[id] * penalty : logits[id] / penalty;
        }
        for (int i = 0; i < distinct; i++) {
            float discounted = logits[counted[i]] - counts[i] * params.frequencyPenalty();
            logits[counted[i]] = discounted - params.presencePenalty();
        }
        for (int id : banned) {
            logits[id] = Float.NEGATIVE_INFINITY;
        }
        if (holdsOff()) {
            for (int id : stopping) {
                logits[id] = Float.NEGATIVE_INFINITY;
            }
        }
    }
}

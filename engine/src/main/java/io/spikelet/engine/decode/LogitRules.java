package io.spikelet.engine.decode;

import java.util.Arrays;
import java.util.BitSet;

/**
 * What one row discourages and forbids: the repetition penalty over the ids it has seen, and its banned ids. Not
 * thread-safe; one per row.
 */
final class LogitRules {
    private final SamplingParams params;
    private final int[] banned;
    private final BitSet seen = new BitSet();
    private final boolean penalized;

    /**
     * @param vocabulary ids from here on are masked anyway
     * @param stop its ids cannot be banned
     */
    LogitRules(SamplingParams params, int vocabulary, StopRule stop) {
        this.params = params;
        this.penalized = params.policy() == SamplerPolicy.V0_8B && params.repetitionPenalty() != 1f;
        this.banned = params.policy() == SamplerPolicy.V194M
                ? new int[0]
                : Arrays.stream(params.bannedIds())
                        .filter(id -> id >= 0 && id < vocabulary && !stop.protects(id))
                        .distinct()
                        .toArray();
    }

    SamplingParams params() {
        return params;
    }

    /** An id of the prompt, or one that was generated. */
    void saw(int id) {
        if (penalized) {
            seen.set(id);
        }
    }

    /** Whether {@link #apply} would change nothing. */
    boolean none() {
        return banned.length == 0 && !penalized;
    }

    /** Upstream's steps 1 and 3 on {@code logits[0 .. vocabulary)}: each seen id is penalised once, banned ids get -Infinity. */
    void apply(float[] logits) {
        float penalty = params.repetitionPenalty();
        for (int id = seen.nextSetBit(0); id >= 0 && id < logits.length; id = seen.nextSetBit(id + 1)) {
            logits[id] = logits[id] < 0 ? logits[id] * penalty : logits[id] / penalty;
        }
        for (int id : banned) {
            logits[id] = Float.NEGATIVE_INFINITY;
        }
    }
}

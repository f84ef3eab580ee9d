package io.spikelet.engine.bench;

import io.spikelet.engine.model.FamilyConfig;

/**
 * The positions over which a decode figure runs repeatedly: a few around the nominal context, so that the cost of a
 * token stays close to its cost there.
 *
 * @param context positions that a token sees, on average
 * @param first first position of the span
 * @param steps number of positions of the span
 */
record ContextSpan(int context, int first, int steps) {
    private static final int STEPS = 16;

    /** A span around {@code wanted} positions, or around as many as the model's trained context allows. */
    static ContextSpan near(int wanted, FamilyConfig config) {
        int steps = Math.clamp(config.contextLength() / 4, 2, STEPS);
        int context = Math.max(steps / 2 + 1, Math.min(wanted, config.contextLength() - steps / 2));
        return new ContextSpan(context, context - steps / 2, steps);
    }

    /** Positions that a sequence needs room for. */
    int end() {
        return first + steps;
    }
}

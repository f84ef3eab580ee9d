package io.spikelet.engine.bench;

import io.spikelet.engine.model.FamilyConfig;

/**
 * The positions over which a decode figure runs again and again: a few around the context it is named for, so that the
 * cost of a token stays what it is there.
 *
 * @param context positions that a token sees, on average
 * @param first position of a stretch
 * @param steps positions of a stretch
 */
record ContextSpan(int context, int first, int steps) {
    private static final int STEPS = 16;

    /** Around {@code wanted} positions, or as many as the trained context of the model allows. */
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

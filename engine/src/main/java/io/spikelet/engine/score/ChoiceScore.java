package io.spikelet.engine.score;

import io.spikelet.engine.telemetry.OperationCounts;

/**
 * Log-likelihoods of an item's continuations, or an error. All arrays are {@code [requests]}, empty if the item
 * failed.
 *
 * @param logLikelihoods nats, sums over the tokens of each continuation in their order; 0 without tokens
 * @param tokens scored tokens of each continuation
 * @param greedy whether every token had the largest logit (of equal logits, the lowest id); true without tokens
 * @param decodedTokens positions that were decoded for the item; a common prefix of its continuations counts once, and
 *     {@link ChoiceScorer.Options#examples} is not counted
 * @param operations operation counts of these positions and of those of the examples, as if the item had been scored
 *     alone
 * @param errorClass null unless the item failed
 */
@SuppressWarnings("ArrayRecordComponent") // results that are read once, never compared
public record ChoiceScore(
        String rowId,
        double[] logLikelihoods,
        int[] tokens,
        boolean[] greedy,
        long decodedTokens,
        OperationCounts operations,
        String errorClass,
        String errorMessage) {
    static ChoiceScore error(String rowId, String errorClass, String errorMessage) {
        return new ChoiceScore(
                rowId, new double[0], new int[0], new boolean[0], 0, OperationCounts.NONE, errorClass, errorMessage);
    }

    /** Whether the item could not be scored. */
    public boolean failed() {
        return errorClass != null;
    }
}

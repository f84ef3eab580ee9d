package io.spikelet.engine.score;

/**
 * Log-likelihoods of an item's continuations, or an error. All arrays are {@code [requests]}, empty if the item
 * failed.
 *
 * @param logLikelihoods nats, sums over the tokens of each continuation in their order; 0 without tokens
 * @param tokens scored tokens of each continuation
 * @param greedy whether every token had the largest logit, the lower id of equal ones; true without tokens
 * @param decodedTokens positions that were decoded for the item; a common prefix counts once
 * @param errorClass null unless the item failed
 */
@SuppressWarnings("ArrayRecordComponent") // results that are read once, never compared
public record ChoiceScore(
        String rowId,
        double[] logLikelihoods,
        int[] tokens,
        boolean[] greedy,
        long decodedTokens,
        String errorClass,
        String errorMessage) {
    static ChoiceScore error(String rowId, String errorClass, String errorMessage) {
        return new ChoiceScore(rowId, new double[0], new int[0], new boolean[0], 0, errorClass, errorMessage);
    }

    /** Whether the item could not be scored. */
    public boolean failed() {
        return errorClass != null;
    }
}

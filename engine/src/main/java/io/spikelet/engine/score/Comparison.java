package io.spikelet.engine.score;

import io.spikelet.engine.telemetry.OperationCounts;

/**
 * The scores of the same tokens of a document under two models, or an error. All arrays are
 * {@code [scored tokens]}, in the order of the tokens, and empty if it failed.
 *
 * @param tokens tokens of the document, without BOS
 * @param nll nats under the model, summed in the order of the tokens
 * @param baselineNll nats under the baseline
 * @param divergence sum of {@code divergences}
 * @param sameTop number of scored tokens for which both models have the same most likely token
 * @param positions index of the token in the document, without BOS
 * @param divergences nats, Kullback-Leibler divergence of the model from the baseline over the whole vocabulary
 * @param operations operation counts of the model, over all positions of all windows
 * @param baselineOperations the same of the baseline
 * @param errorClass null unless the document failed
 */
@SuppressWarnings("ArrayRecordComponent") // results that are read once, never compared
public record Comparison(
        String rowId,
        long tokens,
        TextLength length,
        double nll,
        double baselineNll,
        double divergence,
        long sameTop,
        int[] positions,
        int[] tokenIds,
        double[] nlls,
        double[] baselineNlls,
        double[] divergences,
        boolean[] sameTops,
        OperationCounts operations,
        OperationCounts baselineOperations,
        String errorClass,
        String errorMessage) {
    static Comparison error(String rowId, String errorClass, String errorMessage) {
        double[] none = {};
        return new Comparison(
                rowId,
                0,
                TextLength.NONE,
                0,
                0,
                0,
                0,
                new int[0],
                new int[0],
                none,
                none,
                none,
                new boolean[0],
                OperationCounts.NONE,
                OperationCounts.NONE,
                errorClass,
                errorMessage);
    }

    /** Whether the models could not be compared on this document. */
    public boolean failed() {
        return errorClass != null;
    }
}

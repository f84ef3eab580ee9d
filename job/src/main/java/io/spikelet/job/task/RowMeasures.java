package io.spikelet.job.task;

/**
 * What a result cost and showed, for metrics and progress; the tables have the same in full.
 *
 * @param tokens that the engine processed
 * @param reusedTokens tokens that it took over from other rows since the last result, instead of processing them
 * @param failed whether the row ends as an error
 * @param encoderFiringRate share of encoder units that fired; NaN if not counted
 * @param ffnFiringRate share of feed-forward units that fired; NaN if not counted
 */
record RowMeasures(long tokens, long reusedTokens, boolean failed, double encoderFiringRate, double ffnFiringRate) {
    /** A row that never reached the engine, or on which it failed. */
    static final RowMeasures FAILED = new RowMeasures(0, 0, true, 0, 0);

    /** Of a row that got the result of an equal one. */
    RowMeasures copied() {
        return new RowMeasures(0, tokens, failed, Double.NaN, Double.NaN);
    }
}

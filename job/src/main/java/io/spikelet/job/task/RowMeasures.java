package io.spikelet.job.task;

/**
 * Costs and firing rates of a result, for metrics and progress; the tables have the complete values.
 *
 * @param tokens that the engine processed
 * @param promptTokens those of them that are of the text; the others are a completion
 * @param reusedTokens tokens that were copied from other rows since the last result, instead of being processed
 * @param failed whether the row ends as an error
 * @param decodeMillis the share of the row in the passes that made its completion
 * @param encoderFiringRate share of encoder units that fired; NaN if not counted
 * @param ffnFiringRate share of feed-forward units that fired; NaN if not counted
 */
record RowMeasures(
        long tokens,
        long promptTokens,
        long reusedTokens,
        boolean failed,
        double decodeMillis,
        double encoderFiringRate,
        double ffnFiringRate) {
    /** A row that never reached the engine, or on which it failed. */
    static final RowMeasures FAILED = new RowMeasures(0, 0, 0, true, 0, 0, 0);

    /** Of a row that was only read, without its firing rates. */
    static RowMeasures ofScore(long tokens, boolean failed) {
        return new RowMeasures(tokens, tokens, 0, failed, 0, Double.NaN, Double.NaN);
    }

    /** Of a row that copied the result of an equal one. */
    RowMeasures copied() {
        return new RowMeasures(0, 0, tokens, failed, 0, Double.NaN, Double.NaN);
    }
}

package io.spikelet.job.action;

/**
 * The amount of work of a run.
 *
 * @param rows of the input
 * @param failed rows that would be errors with every model
 * @param requests rows that would be worked on: no errors, no copies
 * @param completions of these rows
 * @param bytes of the texts of these rows
 * @param weightBytes mapped once on every node
 * @param startSeconds of Spark, as measured
 * @param readSeconds that it took to read and count the input once, as measured
 */
record DryRunTotals(
        long rows,
        long failed,
        long requests,
        long completions,
        long bytes,
        int shards,
        int cores,
        long weightBytes,
        double startSeconds,
        double readSeconds) {
    /** Tokens of all rows by those of a sample. */
    long tokens(long sampleTokens, long sampleBytes) {
        return sampleBytes == 0 ? 0 : Math.round((double) bytes * sampleTokens / sampleBytes);
    }

    /** Cores that have work at once. */
    int busyCores() {
        return Math.min(cores, shards);
    }
}

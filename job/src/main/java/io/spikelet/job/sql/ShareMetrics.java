package io.spikelet.job.sql;

import io.spikelet.engine.score.NllSummary;

/**
 * Accuracies of some items with their standard errors; null where a task has no such number or there are too few items.
 *
 * @param perplexity of the one continuation of each item, which counts as one token
 */
record ShareMetrics(
        long items,
        Double acc,
        Double accError,
        Double accNorm,
        Double accNormError,
        Double accBytes,
        Double accBytesError,
        Double perplexity,
        Double perplexityError) {
    /**
     * From sums over the items.
     *
     * @param hitsNorm null if the task does not normalise
     * @param nll null unless the task has a perplexity
     */
    static ShareMetrics of(long items, long hits, Long hitsNorm, Long hitsBytes, NllSummary nll) {
        return new ShareMetrics(
                items,
                share(hits, items),
                error(hits, items),
                share(hitsNorm, items),
                error(hitsNorm, items),
                share(hitsBytes, items),
                error(hitsBytes, items),
                nll == null ? null : defined(nll.perplexity()),
                nll == null ? null : defined(nll.standardError()));
    }

    Object[] values() {
        return new Object[] {
            items, acc, accError, accNorm, accNormError, accBytes, accBytesError, perplexity, perplexityError
        };
    }

    private static Double share(Long hits, long items) {
        return hits == null || items == 0 ? null : (Double) ((double) hits / items);
    }

    /** Sample standard deviation of the hits and misses over the root of their number. */
    private static Double error(Long hits, long items) {
        if (hits == null || items < 2) {
            return null;
        }
        double share = (double) hits / items;
        return Math.sqrt(share * (1 - share) / (items - 1));
    }

    private static Double defined(double value) {
        return Double.isNaN(value) ? null : (Double) value;
    }
}

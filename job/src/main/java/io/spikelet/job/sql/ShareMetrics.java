package io.spikelet.job.sql;

/**
 * Accuracies of some items with their standard errors, in the order of {@link
 * io.spikelet.job.schema.Tables#CHOICE_SUMMARY_METRIC_COLUMNS}; null if a task has no such number or there are too few items.
 */
final class ShareMetrics {
    private ShareMetrics() {}

    /**
     * From sums over the items.
     *
     * @param hitsNorm null if the task does not normalise
     * @param nll nats, of the one continuation of each item, which counts as one token; null unless the task has a perplexity
     * @param nllSquared sum of the squares
     */
    static Object[] of(long items, long hits, Long hitsNorm, Long hitsBytes, Double nll, Double nllSquared) {
        return new Object[] {
            items,
            share(hits, items),
            error(hits, items),
            share(hitsNorm, items),
            error(hitsNorm, items),
            share(hitsBytes, items),
            error(hitsBytes, items),
            nll == null || items == 0 ? null : (Double) StrictMath.exp(nll / items),
            perplexityError(items, nll, nllSquared)
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

    /** By the delta method: the perplexity times the standard error of the mean nll. */
    private static Double perplexityError(long items, Double nll, Double nllSquared) {
        if (nll == null || items < 2) {
            return null;
        }
        double mean = nll / items;
        double variance = Math.max(0, nllSquared - nll * mean) / (items - 1);
        return StrictMath.exp(mean) * Math.sqrt(variance / items);
    }
}

package io.spikelet.job.sql;

import io.spikelet.engine.score.ExactSum;

/**
 * Unweighted means over groups, whatever their order: each metric is the mean of the groups' values, and the standard
 * error treats the groups as independent. A group without a value for a metric is left out of its mean; counts and nll
 * are sums over all groups. Not thread-safe.
 */
final class MacroMeans {
    private final Mean perplexity = new Mean();
    private final Mean bitsPerByte = new Mean();
    private final Mean bytePerplexity = new Mean();
    private final Mean wordPerplexity = new Mean();
    private final Mean squaredError = new Mean();
    private final ExactSum nll = new ExactSum();
    private long groups;
    private long documents;
    private long scoredTokens;
    private long bytes;
    private long words;

    void add(SummaryMetrics group) {
        groups++;
        documents += group.documents();
        scoredTokens += group.scoredTokens();
        bytes += group.bytes();
        words += group.words();
        nll.add(group.nll());
        perplexity.add(group.perplexity());
        bitsPerByte.add(group.bitsPerByte());
        bytePerplexity.add(group.bytePerplexity());
        wordPerplexity.add(group.wordPerplexity());
        Double error = group.standardError();
        squaredError.add(error == null ? null : (Double) (error * error));
    }

    SummaryMetrics metrics() {
        // The error of a mean needs the error of every group.
        boolean hasErrors = groups > 0 && squaredError.count == groups;
        return new SummaryMetrics(
                documents,
                scoredTokens,
                bytes,
                words,
                nll.value(),
                perplexity.value(),
                bitsPerByte.value(),
                bytePerplexity.value(),
                wordPerplexity.value(),
                hasErrors ? (Double) (Math.sqrt(squaredError.sum.value()) / groups) : null);
    }

    private static final class Mean {
        private final ExactSum sum = new ExactSum();
        private long count;

        void add(Double value) {
            if (value != null) {
                sum.add(value);
                count++;
            }
        }

        Double value() {
            return count == 0 ? null : (Double) (sum.value() / count);
        }
    }
}

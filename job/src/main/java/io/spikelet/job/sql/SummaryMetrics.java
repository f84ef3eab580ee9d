package io.spikelet.job.sql;

import io.spikelet.engine.score.Bootstrap;
import io.spikelet.engine.score.NllSummary;

/**
 * Metrics of a row of the summary table, in the order of {@link io.spikelet.job.schema.Tables#SUMMARY_METRIC_COLUMNS}; what
 * is undefined is null.
 */
final class SummaryMetrics {
    private SummaryMetrics() {}

    static Object[] of(ScoreSums sums) {
        NllSummary summary = sums.summary();
        Bootstrap.Interval perplexity = sums.perplexity();
        Bootstrap.Interval bits = sums.bitsPerByte();
        return new Object[] {
            summary.documents(),
            summary.scoredTokens(),
            summary.bytes(),
            summary.words() == 0 ? null : (Long) summary.words(),
            summary.nll(),
            defined(summary.perplexity()),
            defined(summary.standardError()),
            defined(perplexity.standardError()),
            defined(perplexity.low()),
            defined(perplexity.high()),
            defined(summary.tokenStandardError()),
            defined(summary.bitsPerByte()),
            defined(summary.bitsPerByteStandardError()),
            defined(bits.low()),
            defined(bits.high()),
            defined(summary.bytePerplexity()),
            defined(summary.wordPerplexity())
        };
    }

    static Double defined(double value) {
        return Double.isFinite(value) ? (Double) value : null;
    }
}

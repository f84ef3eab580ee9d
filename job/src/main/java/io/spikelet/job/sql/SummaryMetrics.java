package io.spikelet.job.sql;

import io.spikelet.engine.score.Bootstrap;
import io.spikelet.engine.score.NllSummary;

/** Metrics of a row of the summary table, in the order of its columns; what is undefined is null. */
record SummaryMetrics(
        long documents,
        long scoredTokens,
        long bytes,
        Long words,
        double nll,
        Double perplexity,
        Double standardError,
        Double bootstrapError,
        Double perplexityLow,
        Double perplexityHigh,
        Double tokenError,
        Double bitsPerByte,
        Double bitsPerByteError,
        Double bitsPerByteLow,
        Double bitsPerByteHigh,
        Double bytePerplexity,
        Double wordPerplexity) {
    static SummaryMetrics of(ScoreSums sums) {
        NllSummary summary = sums.summary();
        Bootstrap.Interval perplexity = sums.perplexity();
        Bootstrap.Interval bits = sums.bitsPerByte();
        return new SummaryMetrics(
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
                defined(summary.wordPerplexity()));
    }

    Object[] values() {
        return new Object[] {
            documents,
            scoredTokens,
            bytes,
            words,
            nll,
            perplexity,
            standardError,
            bootstrapError,
            perplexityLow,
            perplexityHigh,
            tokenError,
            bitsPerByte,
            bitsPerByteError,
            bitsPerByteLow,
            bitsPerByteHigh,
            bytePerplexity,
            wordPerplexity
        };
    }

    static Double defined(double value) {
        return Double.isFinite(value) ? (Double) value : null;
    }
}

package io.spikelet.job.sql;

import io.spikelet.engine.score.NllSummary;

/** Metrics of a row of the summary table, in the order of its columns; what is undefined is null. */
record SummaryMetrics(
        long documents,
        long scoredTokens,
        long bytes,
        long words,
        double nll,
        Double perplexity,
        Double bitsPerByte,
        Double bytePerplexity,
        Double wordPerplexity,
        Double standardError) {
    static SummaryMetrics of(NllSummary sums) {
        return new SummaryMetrics(
                sums.documents(),
                sums.scoredTokens(),
                sums.bytes(),
                sums.words(),
                sums.nll(),
                defined(sums.perplexity()),
                defined(sums.bitsPerByte()),
                defined(sums.bytePerplexity()),
                defined(sums.wordPerplexity()),
                defined(sums.standardError()));
    }

    Object[] values() {
        return new Object[] {
            documents,
            scoredTokens,
            bytes,
            words,
            nll,
            perplexity,
            bitsPerByte,
            bytePerplexity,
            wordPerplexity,
            standardError
        };
    }

    private static Double defined(double value) {
        return Double.isNaN(value) ? null : (Double) value;
    }
}

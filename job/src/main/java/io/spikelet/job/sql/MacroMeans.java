package io.spikelet.job.sql;

import static io.spikelet.job.sql.SummaryMetrics.defined;

import io.spikelet.engine.score.Bootstrap;
import io.spikelet.engine.score.ExactSum;
import io.spikelet.job.schema.Tables;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Unweighted means over groups, whatever their order: each metric is the mean of the groups' values, and the standard
 * errors treat the groups as independent. A group without a value for a metric is left out of its mean; counts and nll
 * are sums over all groups. An error needs that of every group, and a bootstrap replicate a value of every group. Not
 * thread-safe.
 */
final class MacroMeans {
    private static final String[] NAMES = Tables.SUMMARY_METRIC_COLUMNS.fieldNames();

    private final long[] counts = new long[NAMES.length]; // (metric)
    private final GroupSum[] sums = GroupSum.array(NAMES.length); // (metric); of errors their squares
    private ExactSum[] perplexities = {}; // (replicate)
    private ExactSum[] bitsPerBytes = {};
    private boolean hasReplicates = true;
    private long groups;

    void add(ScoreSums group) {
        Object[] metrics = SummaryMetrics.of(group);
        for (int i = 0; i < NAMES.length; i++) {
            if (metrics[i] instanceof Long count) {
                counts[i] += count;
            } else if (NAMES[i].endsWith("_error")) {
                sums[i].addSquare((Double) metrics[i]);
            } else {
                sums[i].add((Double) metrics[i]);
            }
        }
        addReplicates(group);
        groups++;
    }

    private void addReplicates(ScoreSums group) {
        double[] ofGroup = group.perplexities();
        double[] bits = group.bitsPerBytes();
        if (groups == 0) {
            perplexities = Stream.generate(ExactSum::new).limit(ofGroup.length).toArray(ExactSum[]::new);
            bitsPerBytes = Stream.generate(ExactSum::new).limit(bits.length).toArray(ExactSum[]::new);
        }
        hasReplicates &= group.summary().sampledDocuments() > 1;
        for (int i = 0; i < ofGroup.length; i++) {
            perplexities[i].add(ofGroup[i]);
            bitsPerBytes[i].add(bits[i]);
        }
    }

    /** As {@link SummaryMetrics#of}. */
    Object[] metrics() {
        Bootstrap.Interval ofPerplexity = interval(perplexities);
        Bootstrap.Interval ofBits = interval(bitsPerBytes);
        Object[] metrics = new Object[NAMES.length];
        for (int i = 0; i < NAMES.length; i++) {
            metrics[i] = switch (NAMES[i]) {
                case "documents", "scored_tokens", "bytes" -> (Long) counts[i];
                case "words" -> counts[i] == 0 ? null : (Long) counts[i];
                case "nll" -> (Double) sums[i].sum();
                case "standard_error", "token_error", "bits_per_byte_error" -> sums[i].error(groups);
                case "bootstrap_error" -> defined(ofPerplexity.standardError());
                case "perplexity_low" -> defined(ofPerplexity.low());
                case "perplexity_high" -> defined(ofPerplexity.high());
                case "bits_per_byte_low" -> defined(ofBits.low());
                case "bits_per_byte_high" -> defined(ofBits.high());
                default -> sums[i].mean();
            };
        }
        return metrics;
    }

    private Bootstrap.Interval interval(ExactSum[] replicates) {
        return Bootstrap.interval(IntStream.range(0, hasReplicates ? replicates.length : 0)
                .mapToDouble(i -> replicates[i].value() / groups)
                .toArray());
    }
}

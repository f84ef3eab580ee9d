package io.spikelet.job.sql;

import static io.spikelet.job.sql.SummaryMetrics.defined;

import io.spikelet.engine.score.Bootstrap;
import io.spikelet.engine.score.ExactSum;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Unweighted means over groups, whatever their order: each metric is the mean of the groups' values, and the standard
 * errors treat the groups as independent. A group without a value for a metric is left out of its mean; counts and nll
 * are sums over all groups. An error needs that of every group, and a bootstrap replicate a value of every group. Not
 * thread-safe.
 */
final class MacroMeans {
    private final Mean perplexity = new Mean();
    private final Mean bitsPerByte = new Mean();
    private final Mean bytePerplexity = new Mean();
    private final Mean wordPerplexity = new Mean();
    private final Mean squaredError = new Mean();
    private final Mean squaredTokenError = new Mean();
    private final Mean squaredBitsError = new Mean();
    private final ExactSum nll = new ExactSum();
    private ExactSum[] perplexities = {}; // (replicate)
    private ExactSum[] bitsPerBytes = {};
    private boolean hasReplicates = true;
    private long groups;
    private long documents;
    private long scoredTokens;
    private long bytes;
    private long words;

    void add(ScoreSums sums) {
        SummaryMetrics group = SummaryMetrics.of(sums);
        documents += group.documents();
        scoredTokens += group.scoredTokens();
        bytes += group.bytes();
        words += group.words() == null ? 0 : group.words();
        nll.add(group.nll());
        perplexity.add(group.perplexity());
        bitsPerByte.add(group.bitsPerByte());
        bytePerplexity.add(group.bytePerplexity());
        wordPerplexity.add(group.wordPerplexity());
        squaredError.add(square(group.standardError()));
        squaredTokenError.add(square(group.tokenError()));
        squaredBitsError.add(square(group.bitsPerByteError()));
        addReplicates(sums);
        groups++;
    }

    private void addReplicates(ScoreSums sums) {
        double[] ofGroup = sums.perplexities();
        double[] bits = sums.bitsPerBytes();
        if (groups == 0) {
            perplexities = Stream.generate(ExactSum::new).limit(ofGroup.length).toArray(ExactSum[]::new);
            bitsPerBytes = Stream.generate(ExactSum::new).limit(bits.length).toArray(ExactSum[]::new);
        }
        hasReplicates &= sums.summary().sampledDocuments() > 1;
        for (int i = 0; i < ofGroup.length; i++) {
            perplexities[i].add(ofGroup[i]);
            bitsPerBytes[i].add(bits[i]);
        }
    }

    SummaryMetrics metrics() {
        Bootstrap.Interval ofPerplexity = interval(perplexities);
        Bootstrap.Interval ofBits = interval(bitsPerBytes);
        return new SummaryMetrics(
                documents,
                scoredTokens,
                bytes,
                words == 0 ? null : (Long) words,
                nll.value(),
                perplexity.value(),
                error(squaredError),
                defined(ofPerplexity.standardError()),
                defined(ofPerplexity.low()),
                defined(ofPerplexity.high()),
                error(squaredTokenError),
                bitsPerByte.value(),
                error(squaredBitsError),
                defined(ofBits.low()),
                defined(ofBits.high()),
                bytePerplexity.value(),
                wordPerplexity.value());
    }

    private Bootstrap.Interval interval(ExactSum[] sums) {
        return Bootstrap.interval(IntStream.range(0, hasReplicates ? sums.length : 0)
                .mapToDouble(i -> sums[i].value() / groups)
                .toArray());
    }

    private Double error(Mean squared) {
        boolean hasErrors = groups > 0 && squared.count == groups;
        return hasErrors ? (Double) (Math.sqrt(squared.sum.value()) / groups) : null;
    }

    private static Double square(Double value) {
        return value == null ? null : (Double) (value * value);
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

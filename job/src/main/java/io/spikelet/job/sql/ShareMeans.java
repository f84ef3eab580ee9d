package io.spikelet.job.sql;

import io.spikelet.engine.score.ExactSum;

/**
 * Unweighted means over groups, whatever their order; errors treat the groups as independent. A number that is missing
 * in a group is missing in the mean. Not thread-safe.
 */
final class ShareMeans {
    private static final int NUMBERS = 4;

    private final ExactSum[] sums = new ExactSum[NUMBERS];
    private final ExactSum[] squaredErrors = new ExactSum[NUMBERS];
    private final boolean[] lacking = new boolean[NUMBERS];
    private final boolean[] uncertain = new boolean[NUMBERS];
    private long groups;
    private long items;

    ShareMeans() {
        for (int i = 0; i < NUMBERS; i++) {
            sums[i] = new ExactSum();
            squaredErrors[i] = new ExactSum();
        }
    }

    void add(ShareMetrics group) {
        groups++;
        items += group.items();
        add(0, group.acc(), group.accError());
        add(1, group.accNorm(), group.accNormError());
        add(2, group.accBytes(), group.accBytesError());
        add(3, group.perplexity(), group.perplexityError());
    }

    private void add(int number, Double value, Double error) {
        if (value == null) {
            lacking[number] = true;
        } else {
            sums[number].add(value);
        }
        if (error == null) {
            uncertain[number] = true;
        } else {
            squaredErrors[number].add(error * error);
        }
    }

    ShareMetrics metrics() {
        return new ShareMetrics(items, mean(0), error(0), mean(1), error(1), mean(2), error(2), mean(3), error(3));
    }

    private Double mean(int number) {
        return groups == 0 || lacking[number] ? null : (Double) (sums[number].value() / groups);
    }

    private Double error(int number) {
        return groups == 0 || uncertain[number] ? null : (Double) (Math.sqrt(squaredErrors[number].value()) / groups);
    }
}

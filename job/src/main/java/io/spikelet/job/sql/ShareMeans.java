package io.spikelet.job.sql;

import io.spikelet.job.schema.Tables;

/**
 * Unweighted means over groups, whatever their order; errors treat the groups as independent. A number that is missing
 * in a group is missing in the mean. Not thread-safe.
 */
final class ShareMeans {
    private final GroupSum[] sums = GroupSum.array(Tables.CHOICE_SUMMARY_METRIC_COLUMNS.size());
    private long groups;
    private long items;

    /** @param group its {@link ShareMetrics}: the items, then numbers and their errors in turns */
    void add(Object[] group) {
        groups++;
        items += (Long) group[0];
        for (int i = 1; i < group.length; i += 2) {
            sums[i].add((Double) group[i]);
            sums[i + 1].addSquare((Double) group[i + 1]);
        }
    }

    /** As {@link ShareMetrics#of}. */
    Object[] metrics() {
        Object[] metrics = new Object[sums.length];
        metrics[0] = items;
        for (int i = 1; i < metrics.length; i += 2) {
            metrics[i] = sums[i].isOfAll(groups) ? sums[i].mean() : null;
            metrics[i + 1] = sums[i + 1].error(groups);
        }
        return metrics;
    }
}

package io.spikelet.job.action;

import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Totals of a run, counted in its tables; null where a command has no such number.
 *
 * @param errors failed rows by error class
 * @param digest of the results
 */
record RunTotals(
        long rows,
        SortedMap<String, Long> errors,
        Long promptTokens,
        Long completionTokens,
        Long scoredTokens,
        String digest) {
    RunTotals {
        errors = new TreeMap<>(errors);
    }

    long failedRows() {
        return errors.values().stream().mapToLong(Long::longValue).sum();
    }
}

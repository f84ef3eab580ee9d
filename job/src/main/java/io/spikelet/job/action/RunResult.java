package io.spikelet.job.action;

import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The result of a finished run, counted in the tables that it wrote.
 *
 * @param output the directory that holds the tables
 * @param rows output rows
 * @param errors failed rows by error class
 * @param tokens tokens that the engine processed in all attempts at the run, without those of rows that were taken over
 * @param digest of the results, the same for every order of the rows
 * @param wallSeconds from reading the input to the last table, over all attempts and without the time between them
 * @param note a note on how to read the numbers
 */
public record RunResult(
        String runId,
        String output,
        long rows,
        SortedMap<String, Long> errors,
        long tokens,
        double wallSeconds,
        String digest,
        Optional<String> note) {
    public RunResult {
        errors = Collections.unmodifiableSortedMap(new TreeMap<>(errors));
    }

    /** Rows with an error. */
    public long failedRows() {
        return errors.values().stream().mapToLong(Long::longValue).sum();
    }
}

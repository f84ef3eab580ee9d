package io.spikelet.job.action;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import io.spikelet.job.sql.ResultDigest;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

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

    /** Of a table of completions; a prompt counts once, however many samples it has. */
    static RunTotals ofCompletions(Dataset<Row> completions) {
        Column ofPrompt = when(col("sample_index").equalTo(0), col("prompt_tokens"));
        Counts counts = Counts.of(completions, ofPrompt, col("completion_tokens"));
        return new RunTotals(counts.rows(), counts.errors(), counts.sums()[0], counts.sums()[1], null, counts.digest());
    }

    /**
     * Of a table of scores.
     *
     * @param tokens the column with the tokens that were scored
     */
    static RunTotals ofScores(Dataset<Row> scores, String tokens) {
        Counts counts = Counts.of(scores, col(tokens));
        return new RunTotals(counts.rows(), counts.errors(), null, null, counts.sums()[0], counts.digest());
    }

    long failedRows() {
        return errors.values().stream().mapToLong(Long::longValue).sum();
    }

    /** @param sums of the requested columns */
    @SuppressWarnings("ArrayRecordComponent") // read once, never compared
    private record Counts(long rows, SortedMap<String, Long> errors, long[] sums, String digest) {
        private static final String HASH = "__spikelet_hash";

        /** In one pass. */
        static Counts of(Dataset<Row> results, Column... columns) {
            Column[] sums = Stream.concat(
                            Arrays.stream(columns).map(column -> coalesce(sum(column), lit(0L))),
                            Arrays.stream(ResultDigest.sums(col(HASH))))
                    .toArray(Column[]::new);
            long rows = 0;
            long[] totals = new long[columns.length];
            SortedMap<String, Long> errors = new TreeMap<>();
            BigInteger words = BigInteger.ZERO;
            for (Row part : results.withColumn(HASH, ResultDigest.hash(results))
                    .groupBy(col("error_class"))
                    .agg(count(lit(1)), sums)
                    .collectAsList()) {
                rows += part.getLong(1);
                for (int i = 0; i < totals.length; i++) {
                    totals[i] += part.getLong(2 + i);
                }
                words = words.add(ResultDigest.words(part, 2 + totals.length));
                if (!part.isNullAt(0)) {
                    errors.put(part.getString(0), part.getLong(1));
                }
            }
            return new Counts(rows, errors, totals, ResultDigest.of(words));
        }
    }
}

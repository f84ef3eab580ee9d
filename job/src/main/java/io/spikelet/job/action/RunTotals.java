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
import java.util.List;
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
    private static final String HASH = "__spikelet_hash";

    /** Of a table of completions; a prompt counts once, however many samples it has. */
    static RunTotals ofCompletions(Dataset<Row> completions) {
        Column ofPrompt = when(col("sample_index").equalTo(0), col("prompt_tokens"));
        return of(completions, ofPrompt, col("completion_tokens"), null);
    }

    /**
     * Of a table of scores.
     *
     * @param tokens the column with the tokens that were scored
     */
    static RunTotals ofScores(Dataset<Row> scores, String tokens) {
        return of(scores, null, null, col(tokens));
    }

    /** In one pass; columns are null where there is no such number. */
    private static RunTotals of(Dataset<Row> results, Column prompt, Column completion, Column scored) {
        List<Column> tokens = Arrays.asList(prompt, completion, scored);
        Column[] sums = Stream.concat(
                        tokens.stream().map(column -> coalesce(sum(column == null ? lit(0) : column), lit(0L))),
                        Arrays.stream(ResultDigest.sums(col(HASH))))
                .toArray(Column[]::new);
        long rows = 0;
        long[] totals = new long[tokens.size()];
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
        return new RunTotals(
                rows,
                errors,
                prompt == null ? null : (Long) totals[0],
                completion == null ? null : (Long) totals[1],
                scored == null ? null : (Long) totals[2],
                ResultDigest.of(words));
    }

    long failedRows() {
        return errors.values().stream().mapToLong(Long::longValue).sum();
    }
}

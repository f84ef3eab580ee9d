package io.spikelet.job.report;

import static org.apache.spark.sql.functions.avg;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Figures of a group of completions.
 *
 * @param tokens of a completion, in the mean
 * @param perplexity of the completions, as the model itself rates them
 * @param encoder share of its units that fire a token, per cent; null if nothing was completed
 * @param feedForward the same of the feed-forward units
 */
record CompletionFigures(
        String name, long rows, long failed, Measured tokens, Measured perplexity, Double encoder, Double feedForward) {
    /** A row for each group, by name. */
    static List<CompletionFigures> of(Dataset<Row> completions, Column group) {
        Column isSound = col("error_class").isNull();
        Column nll = when(isSound, col("sum_logprob").multiply(-1));
        Column tokens = when(isSound, col("completion_tokens"));
        List<Column> wanted = new ArrayList<>(List.of(count(lit(1)), count(col("error_class"))));
        wanted.addAll(Ratio.sums(tokens, when(isSound, lit(1))));
        wanted.addAll(Ratio.sums(nll, tokens));
        wanted.add(avg(when(isSound, col("encoder_firing_rate").multiply(100))));
        wanted.add(avg(when(isSound, col("ffn_firing_rate").multiply(100))));
        return RunTables.aggregated(completions, group, wanted).stream()
                .map(row -> new CompletionFigures(
                        row.getString(0),
                        row.getLong(1),
                        row.getLong(2),
                        Ratio.of(row, 3),
                        Ratio.exp(Ratio.of(row, 9)),
                        row.getAs(15),
                        row.getAs(16)))
                .toList();
    }
}

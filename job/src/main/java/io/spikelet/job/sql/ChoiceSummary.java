package io.spikelet.job.sql;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.element_at;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.negate;
import static org.apache.spark.sql.functions.sum;

import io.spikelet.job.schema.Columns;
import io.spikelet.job.schema.GroupColumns;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/**
 * The summary of a choice_scores table: a row for each group, the {@code micro} row over all items and, given groups, the
 * {@code macro} row, the unweighted mean over groups. Items with an error are left out.
 *
 * @param cloze whether items have but one continuation, whose perplexity is reported
 * @param schema of the summary, the group columns between its leading ones and its metrics
 */
public record ChoiceSummary(
        Dataset<Row> scores, String runId, String task, boolean cloze, List<String> groupBy, StructType schema) {
    public ChoiceSummary {
        scores = scores.where(col("error_class").isNull());
        groupBy = List.copyOf(groupBy);
    }

    /** The rows of the table. */
    public Dataset<Row> rows() {
        List<Row> rows = new ArrayList<>();
        ShareMeans macro = new ShareMeans();
        if (!groupBy.isEmpty()) {
            for (Row group : totals(groupBy).collectAsList()) {
                Object[] metrics = metrics(group, groupBy.size());
                macro.add(metrics);
                rows.add(row("group", group, metrics));
            }
        }
        Row all = totals(List.of()).head();
        rows.add(row("micro", null, metrics(all, 0)));
        if (!groupBy.isEmpty()) {
            rows.add(row("macro", null, macro.metrics()));
        }
        return scores.sparkSession().createDataFrame(rows, schema);
    }

    /** The group columns; items, sums of acc, acc_norm and acc_bytes, and of the first nll and its square. */
    private Dataset<Row> totals(List<String> groupColumns) {
        Column nll = negate(element_at(col("log_likelihoods"), 1));
        return scores.groupBy(Columns.named(groupColumns))
                .agg(
                        count(lit(1)),
                        coalesce(sum(col("acc")), lit(0L)),
                        sum(col("acc_norm")),
                        sum(col("acc_bytes")),
                        ExactAggregate.total(nll),
                        ExactAggregate.total(nll.multiply(nll)));
    }

    private Object[] metrics(Row totals, int at) {
        return ShareMetrics.of(
                totals.getLong(at),
                totals.getLong(at + 1),
                totals.isNullAt(at + 2) ? null : (Long) totals.getLong(at + 2),
                totals.isNullAt(at + 3) ? null : (Long) totals.getLong(at + 3),
                cloze ? (Double) totals.getDouble(at + 4) : null,
                cloze ? (Double) totals.getDouble(at + 5) : null);
    }

    private Row row(String level, Row group, Object[] metrics) {
        return GroupColumns.row(schema, List.of(runId, task, level), group, 0, metrics);
    }
}

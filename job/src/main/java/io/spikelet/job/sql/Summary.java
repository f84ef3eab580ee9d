package io.spikelet.job.sql;

import static org.apache.spark.sql.functions.col;

import io.spikelet.job.schema.Columns;
import io.spikelet.job.schema.GroupColumns;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/**
 * The summary of a document_scores table, per protocol: a row for each group, the {@code micro} row over all documents,
 * and the {@code macro} row of unweighted means over the groups. Without group columns there is only the micro row.
 * Documents with an error do not count.
 *
 * @param scores a document_scores table
 * @param schema of the summary, the group columns between its leading ones and its metrics
 */
public record Summary(
        Dataset<Row> scores, String runId, List<String> groupBy, Confidence confidence, StructType schema) {
    private static final String TOTALS = "__spikelet_totals";

    public Summary {
        scores = scores.where(col("error_class").isNull());
        groupBy = List.copyOf(groupBy);
    }

    /** The rows of the table, from one pass over the scores: the rows above the groups are merged from theirs. */
    public Dataset<Row> rows() {
        List<Row> rows = new ArrayList<>();
        Map<String, ScoreSums> micro = new TreeMap<>();
        Map<String, MacroMeans> macro = new TreeMap<>();
        // The totals of many groups are not held at once; an iterator's jobs do not have the settings of the session.
        Iterator<Row> each = groupBy.isEmpty() ? totals().collectAsList().iterator() : totals().toLocalIterator();
        while (each.hasNext()) {
            Row group = each.next();
            String protocol = group.getString(0);
            ScoreSums sums = ScoreSums.of((byte[]) group.get(group.size() - 1));
            if (!groupBy.isEmpty()) {
                rows.add(row(protocol, "group", group, SummaryMetrics.of(sums)));
                macro.computeIfAbsent(protocol, ignored -> new MacroMeans()).add(sums);
            }
            micro.merge(protocol, sums, ScoreSums::merge);
        }
        micro.forEach((protocol, sums) -> rows.add(row(protocol, "micro", null, SummaryMetrics.of(sums))));
        macro.forEach((protocol, means) -> rows.add(row(protocol, "macro", null, means.metrics())));
        return scores.sparkSession().createDataFrame(rows, schema);
    }

    /** protocol, the group columns, totals. */
    private Dataset<Row> totals() {
        List<String> keys =
                Stream.concat(Stream.of("protocol"), groupBy.stream()).toList();
        return scores.groupBy(Columns.named(keys))
                .agg(ScoreSums.ofDocuments(confidence).as(TOTALS));
    }

    /** @param group null for a row that is of no group */
    private Row row(String protocol, String level, Row group, Object[] metrics) {
        return GroupColumns.row(
                schema, Arrays.asList(runId, protocol, level), group, 1, metrics); // there may be no run
    }
}

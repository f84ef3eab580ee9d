package io.spikelet.job.sql;

import static org.apache.spark.sql.functions.col;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;

/**
 * The summary of a document_scores table, per protocol: a row for each group, the {@code micro} row over all documents,
 * and the {@code macro} row of unweighted means over the groups. Without group columns there is only the micro row.
 * Documents with an error do not count.
 */
public final class Summary {
    private static final String TOTALS = "__spikelet_totals";

    private final Dataset<Row> scores;
    private final String runId;
    private final List<String> groupBy;
    private final Confidence confidence;
    private final StructType schema;

    /**
     * @param scores a document_scores table
     * @param schema of the summary, the group columns between its leading ones and its metrics
     */
    public Summary(Dataset<Row> scores, String runId, List<String> groupBy, Confidence confidence, StructType schema) {
        this.scores = scores.where(col("error_class").isNull());
        this.runId = runId;
        this.groupBy = List.copyOf(groupBy);
        this.confidence = confidence;
        this.schema = schema;
    }

    /** The rows of the table; to be written, not to be kept: computing them reads the scores. */
    public Dataset<Row> rows() {
        Dataset<Row> micro = rows("micro", List.of());
        if (groupBy.isEmpty()) {
            return micro;
        }
        Dataset<Row> groups = rows("group", groupBy);
        return groups.union(micro).union(scores.sparkSession().createDataFrame(macroRows(), schema));
    }

    private Dataset<Row> rows(String level, List<String> groupColumns) {
        StructType rowSchema = schema;
        String id = runId;
        int groupCount = groupBy.size();
        boolean hasGroups = !groupColumns.isEmpty();
        MapFunction<Row, Row> toRow = totals -> {
            Object[] values = new Object[rowSchema.size()];
            values[0] = id;
            values[1] = totals.get(0);
            values[2] = level;
            for (int i = 0; hasGroups && i < groupCount; i++) {
                values[3 + i] = totals.get(1 + i);
            }
            Object[] metrics = metrics(totals).values();
            System.arraycopy(metrics, 0, values, 3 + groupCount, metrics.length);
            return RowFactory.create(values);
        };
        return totals(groupColumns).map(toRow, Encoders.row(schema));
    }

    /** protocol, the group columns, totals. */
    private Dataset<Row> totals(List<String> groupColumns) {
        Column[] keys = Stream.concat(Stream.of("protocol"), groupColumns.stream())
                .map(name -> col('`' + name.replace("`", "``") + '`'))
                .toArray(Column[]::new);
        return scores.groupBy(keys).agg(SumScores.ofDocuments(confidence).as(TOTALS));
    }

    private List<Row> macroRows() {
        Map<String, MacroMeans> byProtocol = new TreeMap<>();
        for (Iterator<Row> each = totals(groupBy).toLocalIterator(); each.hasNext(); ) {
            Row group = each.next();
            byProtocol
                    .computeIfAbsent(group.getString(0), ignored -> new MacroMeans())
                    .add(sums(group));
        }
        List<Row> rows = new ArrayList<>();
        byProtocol.forEach((protocol, means) -> {
            Object[] values = new Object[schema.size()];
            values[0] = runId;
            values[1] = protocol;
            values[2] = "macro";
            Object[] metrics = means.metrics().values();
            System.arraycopy(metrics, 0, values, 3 + groupBy.size(), metrics.length);
            rows.add(RowFactory.create(values));
        });
        return rows;
    }

    private static SummaryMetrics metrics(Row totals) {
        return SummaryMetrics.of(sums(totals));
    }

    private static ScoreSums sums(Row totals) {
        return ScoreSums.of((byte[]) totals.get(totals.size() - 1));
    }
}

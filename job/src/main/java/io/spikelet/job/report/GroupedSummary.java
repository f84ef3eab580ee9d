package io.spikelet.job.report;

import static org.apache.spark.sql.functions.col;

import io.spikelet.job.schema.Columns;
import java.util.Comparator;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** A summary whose group columns stand between its leading columns and its metrics. */
final class GroupedSummary {
    private final Dataset<Row> table;
    private final String key;
    private final List<String> groupBy;

    /**
     * @param key the leading column that tells rows of a level and a group apart
     * @param firstMetric the column after the groups
     */
    GroupedSummary(Dataset<Row> table, String key, String firstMetric) {
        this.table = table;
        this.key = key;
        List<String> names = List.of(table.columns());
        int from = names.indexOf("level") + 1;
        int to = names.indexOf(firstMetric);
        this.groupBy = from < to ? names.subList(from, to) : List.of();
    }

    /**
     * The rows of a level, by key and group.
     *
     * @param order of the keys
     */
    List<Row> rows(String level, List<String> order) {
        return table.where(col("level").equalTo(level)).orderBy(Columns.named(groupBy)).collectAsList().stream()
                .sorted(Comparator.comparingInt(row -> order.indexOf(row.<String>getAs(key))))
                .toList();
    }

    /** The names of the group columns as one. */
    String heading() {
        return String.join(", ", groupBy);
    }

    /** The group of a row as one name. */
    String name(Row row) {
        return String.join(
                " / ",
                groupBy.stream()
                        .map(name -> row.getAs(name) == null ? "(null)" : String.valueOf(row.<Object>getAs(name)))
                        .toList());
    }
}

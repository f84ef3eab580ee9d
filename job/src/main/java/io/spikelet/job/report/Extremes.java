package io.spikelet.job.report;

import static org.apache.spark.sql.functions.col;

import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * The rows at both ends of an order; no row is at both ends.
 *
 * @param least from the least on
 * @param most from the most on
 */
record Extremes(List<Row> least, List<Row> most) {
    private static final int SHOWN = 8;

    /**
     * By a column.
     *
     * @param ties columns that order rows of equal value
     */
    static Extremes of(Dataset<Row> rows, String by, String... ties) {
        List<Row> first = ordered(rows, col(by).asc(), ties).limit(2 * SHOWN).collectAsList();
        if (first.size() < 2 * SHOWN) {
            int half = Math.ceilDiv(first.size(), 2);
            return new Extremes(
                    first.subList(0, half), first.subList(half, first.size()).reversed());
        }
        return new Extremes(
                first.subList(0, SHOWN),
                ordered(rows, col(by).desc(), ties).limit(SHOWN).collectAsList());
    }

    private static Dataset<Row> ordered(Dataset<Row> rows, Column by, String... ties) {
        return rows.orderBy(Stream.concat(Stream.of(by), Stream.of(ties).map(name -> col(name)))
                .toArray(Column[]::new));
    }
}

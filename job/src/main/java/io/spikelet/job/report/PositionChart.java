package io.spikelet.job.report;

import static org.apache.spark.sql.functions.avg;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.floor;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.stddev_samp;

import io.spikelet.job.report.Chart.Point;
import io.spikelet.job.report.Chart.Series;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** A mean over tokens by position in the text. */
final class PositionChart {
    private static final int BINS = 40;

    private PositionChart() {}

    /**
     * The chart, a line for each series.
     *
     * @param tokens with the columns series, position and nll, in nats
     * @param label what it is, without a full stop
     * @param order of the series; others follow
     * @param isDifference whether zero is what the values are compared with
     * @return nothing if the tokens are not at two positions at least
     */
    static Optional<Chart> of(Dataset<Row> tokens, String label, String x, List<String> order, boolean isDifference) {
        Row ends = tokens.agg(
                        min(col("position")).cast("long"), max(col("position")).cast("long"))
                .head();
        if (ends.isNullAt(0) || ends.getLong(0) == ends.getLong(1)) {
            return Optional.empty();
        }
        long first = ends.getLong(0);
        long width = Math.ceilDiv(ends.getLong(1) - first + 1, BINS);
        Column bin = floor(col("position").minus(first).divide(width))
                .multiply(width)
                .plus(first);
        Map<String, List<Point>> bySeries = new LinkedHashMap<>();
        order.forEach(name -> bySeries.put(name, new ArrayList<>()));
        for (Row row : tokens.groupBy(col("series"), bin.cast("long").as("bin"))
                .agg(avg(col("nll")), stddev_samp(col("nll")), count(lit(1)))
                .orderBy("series", "bin")
                .collectAsList()) {
            bySeries.computeIfAbsent(row.getString(0), ignored -> new ArrayList<>())
                    .add(new Point(
                            row.getLong(1) + (width - 1) / 2.0,
                            row.getDouble(2),
                            row.isNullAt(3) ? null : (Double) (row.getDouble(3) / Math.sqrt(row.getLong(4)))));
        }
        String sentence = label + "; the band is ± one standard error over its tokens"
                + (width > 1 ? ", " + width + " positions at a time." : ".");
        List<Series> series = bySeries.entrySet().stream()
                .filter(entry -> !entry.getValue().isEmpty())
                .limit(Chart.MOST_SERIES)
                .map(entry -> new Series(entry.getKey(), entry.getValue()))
                .toList();
        return Optional.of(
                isDifference
                        ? Chart.Plane.differences(sentence, x, "nats/token", series)
                        : Chart.Plane.lines(sentence, x, "nats/token", false, series));
    }
}

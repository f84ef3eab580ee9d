package io.spikelet.job.report;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.floor;
import static org.apache.spark.sql.functions.least;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;

import io.spikelet.job.report.Chart.Counts;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** How often each value comes, in bins whose width is 1, 2 or 5 times a power of ten. */
final class Histogram {
    private static final int MOST_BINS = 32;

    private Histogram() {}

    /**
     * Of a quantity, one series for each value of a column of text.
     *
     * @param value not null in any row
     * @param whole whether values are whole numbers, which a bin is not narrower than
     * @return nothing if there are no rows, or if all have the same value
     */
    static Optional<Chart> of(
            Dataset<Row> rows, Column value, Column series, boolean whole, String label, String x, String y) {
        Dataset<Row> values = rows.select(value.cast("double").as("value"), series.as("series"));
        Row range = values.agg(min("value"), max("value")).head();
        if (range.isNullAt(0) || range.getDouble(0) == range.getDouble(1)) {
            return Optional.empty();
        }
        double width = width(range.getDouble(1) - range.getDouble(0), whole);
        double from = Math.floor(range.getDouble(0) / width) * width;
        int bins = (int) Math.floor((range.getDouble(1) - from) / width) + 1;
        Map<String, long[]> counts = new TreeMap<>();
        Column bin = least(floor(col("value").minus(from).divide(width)), lit(bins - 1L));
        for (Row row : values.groupBy(col("series"), bin.cast("int"))
                .agg(count(lit(1)))
                .collectAsList()) {
            counts.computeIfAbsent(row.getString(0), ignored -> new long[bins])[row.getInt(1)] = row.getLong(2);
        }
        List<Counts> all = new ArrayList<>();
        counts.forEach((name, own) ->
                all.add(new Counts(name, Arrays.stream(own).boxed().toList())));
        return all.size() > Chart.MOST_SERIES
                ? of(rows, value, lit("all"), whole, label, x, y)
                : Optional.of(new Chart.Columns(label, x, y, whole, from, width, all));
    }

    private static double width(double range, boolean whole) {
        double least = Math.max(range / MOST_BINS, whole ? 1 : 0);
        double power = Math.pow(10, Math.floor(Math.log10(least)));
        for (double step : new double[] {1, 2, 5}) {
            if (step * power >= least) {
                return step * power;
            }
        }
        return 10 * power;
    }
}

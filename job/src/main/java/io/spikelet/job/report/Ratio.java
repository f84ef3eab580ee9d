package io.spikelet.job.report;

import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.sum;

import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Row;

/** A total over another, such as nats over tokens, with its standard error; rows are the sampling unit. */
final class Ratio {
    private Ratio() {}

    /** The aggregates that {@link #of} reads. In each row both quantities are null, or neither. */
    static List<Column> sums(Column part, Column whole) {
        Column y = part.cast("double");
        Column x = whole.cast("double");
        return List.of(count(y), sum(y), sum(x), sum(y.multiply(y)), sum(y.multiply(x)), sum(x.multiply(x)));
    }

    /** The ratio from {@link #sums}, the first of which is in column {@code at}. */
    static Measured of(Row row, int at) {
        long rows = row.getLong(at);
        if (rows == 0 || row.getDouble(at + 2) == 0) {
            return Measured.of(null, null);
        }
        double whole = row.getDouble(at + 2);
        double ratio = row.getDouble(at + 1) / whole;
        // The delta method over the rows' residuals, as the summaries of runs have it.
        double squares =
                row.getDouble(at + 3) - 2 * ratio * row.getDouble(at + 4) + ratio * ratio * row.getDouble(at + 5);
        return Measured.of(
                ratio, rows < 2 ? null : (Double) (Math.sqrt(Math.max(0, squares) * rows / (rows - 1.0)) / whole));
    }

    /** The exponential of a ratio, such as a perplexity. */
    static Measured exp(Measured ratio) {
        if (!ratio.isKnown()) {
            return ratio;
        }
        double value = Math.exp(ratio.value());
        return Measured.of(value, ratio.error() == null ? null : (Double) (value * ratio.error()));
    }
}

package io.spikelet.job.sql;

import static org.apache.spark.sql.functions.abs;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.floor;
import static org.apache.spark.sql.functions.greatest;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.log2;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.signum;

import java.util.Iterator;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Quantiles of any number of values without holding them: they are counted in bins whose borders grow by a factor of
 * 2<sup>1/{@value #BINS_PER_OCTAVE}</sup>. Between the least and the greatest value of a bin its values count as evenly
 * spread, so that a quantile is off by at most a part in 700, and by nothing where bins hold one value. The same bits for
 * every partitioning.
 */
final class Quantiles {
    private static final int BINS_PER_OCTAVE = 512;

    /** Smaller values count as this value: 2 to this power. */
    private static final int SMALLEST_EXPONENT = -64;

    private Quantiles() {}

    /**
     * Quantiles by linear interpolation between the two values that are nearest.
     *
     * @param value a column of doubles; nulls do not count
     * @param quantiles between 0 and 1, ascending
     * @return a value for each; all NaN if there are no values
     */
    static double[] of(Dataset<Row> rows, Column value, double... quantiles) {
        Column exponent = floor(log2(abs(value)).multiply(BINS_PER_OCTAVE));
        Column least = lit(SMALLEST_EXPONENT * BINS_PER_OCTAVE);
        Column bin =
                signum(value).multiply(greatest(exponent, least).minus(least).plus(1));
        Dataset<Row> bins = rows.where(value.isNotNull())
                .groupBy(coalesce(bin, lit(0.0)).as("bin"))
                .agg(
                        count(lit(1)).as("values"),
                        min(value).as("least"),
                        max(value).as("greatest"))
                .orderBy("least");
        return interpolated(bins.collectAsList(), quantiles);
    }

    private static double[] interpolated(List<Row> bins, double... quantiles) {
        long all = bins.stream().mapToLong(bin -> bin.getLong(1)).sum();
        double[] found = new double[quantiles.length];
        for (int i = 0; i < quantiles.length; i++) {
            double rank = quantiles[i] * (all - 1);
            long below = (long) Math.floor(rank);
            double low = at(bins.iterator(), below);
            double high = below + 1 < all ? at(bins.iterator(), below + 1) : low;
            found[i] = low + (high - low) * (rank - below);
        }
        return found;
    }

    /** The value of a rank, counted from 0. */
    private static double at(Iterator<Row> bins, long rank) {
        long before = 0;
        while (bins.hasNext()) {
            Row bin = bins.next();
            long values = bin.getLong(1);
            if (rank < before + values) {
                double share = values == 1 ? 0 : (double) (rank - before) / (values - 1);
                return bin.getDouble(2) + (bin.getDouble(3) - bin.getDouble(2)) * share;
            }
            before += values;
        }
        return Double.NaN;
    }
}

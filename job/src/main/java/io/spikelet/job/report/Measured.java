package io.spikelet.job.report;

import io.spikelet.job.report.Chart.Mark;
import io.spikelet.job.report.Chart.Marks;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.apache.spark.sql.Row;

/**
 * A number with its error, as far as it is known; unknown values are null.
 *
 * @param error one standard error
 * @param low lower bound of its interval of 95%
 * @param high upper bound of it
 */
record Measured(Double value, Double error, Double low, Double high) {
    /** From a row's columns of these names; a column that a table lacks is null. */
    static Measured of(Row row, String value, String error, String low, String high) {
        return new Measured(value(row, value), value(row, error), value(row, low), value(row, high));
    }

    /** As {@link #of(Row, String, String, String, String)}, without an interval. */
    static Measured of(Row row, String value, String error) {
        return of(value(row, value), value(row, error));
    }

    static Measured of(Double value, Double error) {
        return new Measured(defined(value), defined(error), null, null);
    }

    /** A column that may be null or, in tables of older runs, missing. */
    static Double value(Row row, String column) {
        return row.schema().getFieldIndex(column).isDefined() ? defined(row.<Double>getAs(column)) : null;
    }

    boolean isKnown() {
        return value != null;
    }

    boolean hasInterval() {
        return low != null && high != null;
    }

    /** The value to the digits that its error leaves: two of the error. */
    String text() {
        return value == null ? "–" : formatted(value, "");
    }

    /** As {@link #text}, with a sign in any case. */
    String signedText() {
        return value == null ? "–" : formatted(value, "+");
    }

    /** As {@code ± e}, or nothing. */
    String plusMinus() {
        return error == null ? "" : "± " + (error == 0 ? "0" : formatted(error, ""));
    }

    String withError() {
        return (text() + " " + plusMinus()).strip();
    }

    String signedWithError() {
        return (signedText() + " " + plusMinus()).strip();
    }

    /** As {@code a to b}, or nothing. */
    String interval() {
        return hasInterval() ? formatted(low, "") + " to " + formatted(high, "") : "";
    }

    /** Per cent, with the error's digits. */
    Measured times(double factor) {
        return new Measured(scaled(value, factor), scaled(error, factor), scaled(low, factor), scaled(high, factor));
    }

    /**
     * In a chart, with the interval if there is one, else one standard error to both sides.
     *
     * @param series number of its colour
     */
    Mark mark(int series, String text) {
        if (hasInterval()) {
            return new Mark(series, value, low, high, text);
        }
        return error == null
                ? new Mark(series, value, null, null, text)
                : new Mark(series, value, value - error, value + error, text);
    }

    /**
     * The values of rows, by name, each in the colour of its row's protocol; without those that are not known and those of
     * protocols for which there is no colour.
     */
    static List<Marks> marks(
            List<Row> rows,
            List<String> protocols,
            Function<Row, String> name,
            Function<Row, Measured> value,
            Function<Measured, String> text) {
        Map<String, List<Mark>> marks = new LinkedHashMap<>();
        for (Row row : rows) {
            int series = protocols.indexOf(row.<String>getAs("protocol"));
            Measured measured = value.apply(row);
            if (measured.isKnown() && series < Chart.MOST_SERIES) {
                marks.computeIfAbsent(name.apply(row), ignored -> new ArrayList<>())
                        .add(measured.mark(series, text.apply(measured)));
            }
        }
        return marks.entrySet().stream()
                .map(entry -> new Marks(entry.getKey(), entry.getValue()))
                .toList();
    }

    private String formatted(double number, String sign) {
        if (error == null || error == 0) {
            return (sign.isEmpty() || number < 0 ? "" : sign) + Markup.number(number);
        }
        int decimals = Math.clamp(1 - (long) Math.floor(Math.log10(error)), 0, 9);
        return String.format(Locale.ROOT, "%" + sign + ",." + decimals + "f", number);
    }

    private static Double scaled(Double number, double factor) {
        return number == null ? null : (Double) (number * factor);
    }

    private static Double defined(Double number) {
        return number == null || !Double.isFinite(number) ? null : number;
    }
}

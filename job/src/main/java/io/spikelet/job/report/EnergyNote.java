package io.spikelet.job.report;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.sum;

import j2html.tags.DomContent;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** The figures that papers of this field publish: operations of a token, and the estimate of their energy. */
final class EnergyNote {
    private static final double MILLION = 1e6;

    private EnergyNote() {}

    /**
     * @param rows without errors; tables of earlier versions count nothing
     * @param prefix of the columns' names
     * @param tokens of a row, that operations are divided by
     * @param subject what these are, such as {@code a token of a document}
     */
    static DomContent of(Dataset<Row> rows, String prefix, Column tokens, String subject) {
        String energy = prefix + "energy_microjoules";
        if (!List.of(rows.columns()).contains(energy)) {
            return Markup.note("These tables count no operations.");
        }
        Row sums = rows.where(col(energy).isNotNull())
                .agg(
                        sum(tokens),
                        sum(energy),
                        sum(prefix + "dense_energy_microjoules"),
                        sum(total(prefix + "accumulates")),
                        sum(total(prefix + "multiply_adds")),
                        sum(prefix + "dense_multiply_adds"))
                .head();
        if (sums.isNullAt(1)) {
            return Markup.note("No operations were counted.");
        }
        double count = sums.<Number>getAs(0).doubleValue();
        return Markup.note(String.format(
                "Energy, an estimate at 45 nm and not a measurement: %s µJ for %s, beside %s µJ for a dense transformer of"
                        + " the same shape. It follows from %s million accumulates and %s million multiply-accumulates,"
                        + " beside %s million multiply-accumulates.",
                number(sums.getDouble(1) / count),
                subject,
                number(sums.getDouble(2) / count),
                number(sums.getLong(3) / count / MILLION),
                number(sums.getLong(4) / count / MILLION),
                number(sums.getLong(5) / count / MILLION)));
    }

    private static String number(double value) {
        return Markup.number(value, 3);
    }

    private static Column total(String counts) {
        return expr("aggregate(" + counts + ", 0L, (total, product) -> total + product.count)");
    }
}

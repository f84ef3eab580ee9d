package io.spikelet.job.report;

import static io.spikelet.job.report.Markup.Look.KEY;
import static io.spikelet.job.report.Markup.Look.MESSAGE;
import static io.spikelet.job.report.Markup.Look.TEXT;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h3;
import static j2html.TagCreator.iff;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.row_number;

import io.spikelet.job.report.Chart.Bar;
import io.spikelet.job.report.Markup.Field;
import j2html.tags.DomContent;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.types.StructType;

/** The rows that failed, by class, with some of each. */
final class ErrorSection {
    private static final String TITLE = "Errors by class";
    private static final int EXAMPLES = 3;

    private ErrorSection() {}

    /**
     * @param own columns of the table that did not pass through
     * @param what the rows are, such as prompts
     * @param withTexts whether prompts, and what passed through, may be shown
     */
    static Section of(Dataset<Row> table, StructType own, String what, boolean withTexts) {
        Dataset<Row> failed = table.where("error_class IS NOT NULL");
        List<Row> classes = failed.groupBy("error_class")
                .agg(count(lit(1)).as("rows"))
                .orderBy(col("rows").desc(), col("error_class"))
                .collectAsList();
        if (classes.isEmpty()) {
            return Section.absent("errors", TITLE, "No row has an error.");
        }
        long all = table.count();
        Optional<Chart> bars = Chart.Bars.of(
                "What failed, of " + Markup.count(all) + " " + what + ".",
                classes.stream()
                        .map(row -> new Bar(row.getString(0), row.getLong(1), share(row.getLong(1), all)))
                        .toList());
        Column text = own.getFieldIndex("prompt").isDefined() ? col("prompt") : lit("");
        List<String> passedThrough = RunTables.passedThrough(table, own);
        // Samples of a row mostly fail alike, so one stands for all.
        List<Row> examples = failed.select(
                        col("error_class"),
                        col("row_id"),
                        col("error_message"),
                        text.as("prompt"),
                        RunTables.groupName(passedThrough).as("others"))
                .withColumn(
                        "sample",
                        row_number()
                                .over(Window.partitionBy("error_class", "row_id")
                                        .orderBy("error_message")))
                .where(col("sample").equalTo(1))
                .withColumn(
                        "place",
                        row_number().over(Window.partitionBy("error_class").orderBy("row_id")))
                .where(col("place").leq(EXAMPLES))
                .orderBy("error_class", "place")
                .collectAsList();
        return Section.of(
                "errors",
                TITLE,
                iff(bars, Chart::html),
                each(
                        classes,
                        found -> each(
                                h3(found.getString(0) + ": " + share(found.getLong(1), all) + ", such as"),
                                shown(
                                        examples.stream()
                                                .filter(row -> row.getString(0).equals(found.getString(0)))
                                                .toList(),
                                        String.join(" / ", passedThrough),
                                        withTexts))));
    }

    private static String share(long rows, long all) {
        return Markup.count(rows) + " (" + Markup.percent((double) rows / all) + ")";
    }

    /** Without columns that are empty in all examples. */
    private static DomContent shown(List<Row> examples, String others, boolean withTexts) {
        List<Field<Row>> fields = List.of(
                new Field<>("row", KEY, row -> row.getAs("row_id")),
                new Field<>("message", MESSAGE, row -> row.getAs("error_message")),
                new Field<>("prompt", TEXT, row -> row.getAs("prompt")),
                new Field<>(others, TEXT, row -> row.getAs("others")));
        return Markup.grid(
                fields.stream()
                        .filter(field ->
                                examples.stream().map(field.text()).anyMatch(text -> text != null && !text.isEmpty()))
                        .map(field -> new Field<>(
                                field.name(), field.look(), field.text().andThen(Markup::excerpt)))
                        .toList(),
                examples,
                withTexts);
    }
}

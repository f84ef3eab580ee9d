package io.spikelet.job.report;

import static io.spikelet.job.report.Markup.Look.KEY;
import static io.spikelet.job.report.Markup.Look.NUMBER;
import static io.spikelet.job.report.Markup.Look.TEXT;
import static j2html.TagCreator.h3;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.row_number;

import io.spikelet.job.report.Chart.Bar;
import io.spikelet.job.report.Markup.Heading;
import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;

/** The rows that failed, by class, with some of each. */
final class ErrorSection {
    private static final String TITLE = "Errors by class";
    private static final int EXAMPLES = 3;

    private ErrorSection() {}

    static Section of(Dataset<Row> table) {
        Dataset<Row> failed = table.where("error_class IS NOT NULL");
        List<Row> classes = failed.groupBy("error_class")
                .agg(count(lit(1)).as("rows"))
                .orderBy(col("rows").desc(), col("error_class"))
                .collectAsList();
        if (classes.isEmpty()) {
            return Section.of("errors", TITLE, Markup.note("No row has an error."));
        }
        List<DomContent> parts = new ArrayList<>();
        parts.add(new Chart.Bars(
                        "Rows with an error.",
                        "rows",
                        classes.stream()
                                .map(row -> new Bar(row.getString(0), row.getLong(1), null))
                                .toList())
                .html());
        Column text = RunTables.has(table, "prompt") ? col("prompt") : lit("");
        List<Row> examples = failed.withColumn(
                        "place",
                        row_number().over(Window.partitionBy("error_class").orderBy("row_id")))
                .where(col("place").leq(EXAMPLES))
                .select(col("error_class"), col("row_id"), col("error_message"), text.as("prompt"))
                .orderBy("error_class", "row_id")
                .collectAsList();
        for (Row found : classes) {
            parts.add(h3(found.getString(0) + ": " + Markup.count(found.getLong(1)) + " rows, such as"));
            parts.add(shown(examples.stream()
                    .filter(row -> row.getString(0).equals(found.getString(0)))
                    .toList()));
        }
        parts.add(grid(classes, table.count()));
        return new Section("errors", TITLE, parts);
    }

    private static DomContent shown(List<Row> examples) {
        boolean hasText = examples.stream()
                .anyMatch(row -> row.getString(3) != null && !row.getString(3).isEmpty());
        List<Heading> headings =
                List.of(new Heading("row", KEY), new Heading("message", TEXT), new Heading("prompt", TEXT));
        int columns = hasText ? headings.size() : headings.size() - 1;
        return Markup.grid(
                headings.subList(0, columns),
                examples.stream()
                        .map(row -> IntStream.rangeClosed(1, columns)
                                .mapToObj(column -> Markup.excerpt(row.getString(column)))
                                .toList())
                        .toList());
    }

    private static DomContent grid(List<Row> classes, long rows) {
        return Markup.grid(
                List.of(new Heading("class", KEY), new Heading("rows", NUMBER), new Heading("share of all", NUMBER)),
                classes.stream()
                        .map(row -> List.of(
                                row.getString(0),
                                Markup.count(row.getLong(1)),
                                Markup.percent((double) row.getLong(1) / rows)))
                        .toList());
    }
}

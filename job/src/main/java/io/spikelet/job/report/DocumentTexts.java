package io.spikelet.job.report;

import static io.spikelet.job.report.Markup.Look.TEXT;

import io.spikelet.job.report.Markup.Field;
import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.spark.sql.Row;

/**
 * Texts on a page.
 *
 * @param isShown whether prompts, completions, documents and what passed through may be shown
 * @param source finds texts, which the tables do not have, by the row_id and content_sha256 of rows; what is not found
 *     is not there
 */
record DocumentTexts(boolean isShown, Function<List<Row>, Map<String, String>> source) {
    /** The same with what is found for some rows, so that several tables of them search once. */
    DocumentTexts found(List<Row> rows) {
        Map<String, String> found = source.apply(rows);
        return new DocumentTexts(isShown, ignored -> found);
    }

    /** Documents, each with the beginning of its text where it is found. */
    DomContent grid(List<Field<Row>> fields, List<Row> rows) {
        Map<String, String> found = source.apply(rows);
        List<Field<Row>> all = new ArrayList<>(fields);
        if (!found.isEmpty()) {
            all.add(new Field<>("text", TEXT, row -> Markup.excerpt(found.get(row.<String>getAs("row_id")))));
        }
        return Markup.grid(all, rows, isShown);
    }
}

package io.spikelet.job.report;

import static io.spikelet.job.report.Markup.Look.TEXT;

import io.spikelet.job.report.Markup.Field;
import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;

/**
 * Texts on a page.
 *
 * @param isShown whether prompts, completions, documents and what passed through may be shown
 * @param source where texts of documents are found, which the tables do not have
 */
record DocumentTexts(boolean isShown, Source source) {
    /** Finds texts by the row_id and content_sha256 of rows; what is not found is not there. */
    @FunctionalInterface
    interface Source {
        Map<String, String> texts(List<Row> rows);
    }

    /** The same with what is found for some rows, so that several tables of them search once. */
    DocumentTexts found(List<Row> rows) {
        Map<String, String> found = isShown ? source.texts(rows) : Map.of();
        return new DocumentTexts(isShown, ignored -> found);
    }

    /** Documents, each with the beginning of its text where it is found. */
    DomContent grid(List<Field<Row>> fields, List<Row> rows) {
        Map<String, String> found = isShown ? source.texts(rows) : Map.of();
        List<Field<Row>> all = new ArrayList<>(fields);
        if (!found.isEmpty()) {
            all.add(new Field<>("text", TEXT, row -> Markup.excerpt(found.get(row.<String>getAs("row_id")))));
        }
        return Markup.grid(all, rows, isShown);
    }
}

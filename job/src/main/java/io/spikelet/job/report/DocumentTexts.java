package io.spikelet.job.report;

import static io.spikelet.job.report.Markup.Look.TEXT;

import io.spikelet.job.report.Markup.Heading;
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
 * @param source where texts of documents are found, which the tables do not have
 */
record DocumentTexts(boolean isShown, Source source) {
    /** Finds texts by the row_id and content_sha256 of rows; what is not found is not there. */
    @FunctionalInterface
    interface Source {
        Map<String, String> texts(List<Row> rows);
    }

    /** Documents, each with the beginning of its text where it is found. */
    DomContent grid(List<Heading> headings, List<Row> rows, Function<Row, List<String>> cells) {
        Map<String, String> found = isShown ? source.texts(rows) : Map.of();
        if (found.isEmpty()) {
            return Markup.grid(headings, rows.stream().map(cells).toList(), isShown);
        }
        List<Heading> more = new ArrayList<>(headings);
        more.add(new Heading("text", TEXT));
        return Markup.grid(
                more,
                rows.stream()
                        .map(row -> {
                            List<String> own = new ArrayList<>(cells.apply(row));
                            own.add(Markup.excerpt(found.get(row.<String>getAs("row_id"))));
                            return List.copyOf(own);
                        })
                        .toList());
    }
}

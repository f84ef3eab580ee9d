package io.spikelet.job.report;

import static io.spikelet.job.report.Markup.Look.KEY;
import static io.spikelet.job.report.Markup.Look.NUMBER;
import static io.spikelet.job.report.Markup.Look.TEXT;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h3;
import static j2html.TagCreator.iff;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.xxhash64;

import io.spikelet.job.report.Chart.Point;
import io.spikelet.job.report.Chart.Series;
import io.spikelet.job.report.Markup.Field;
import io.spikelet.job.schema.Tables;
import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Sections about single compared documents and their tokens. */
final class ComparedDocuments {
    private static final int SHOWN = 8;
    private static final int MOST_DOTS = 1500;

    /** The column of the divergence, which runs do not have. */
    private static final int DIVERGENCE = 4;

    /** Those of the column p_change_quantiles, per cent. */
    private static final List<String> QUANTILES = List.of("1", "5", "25", "50", "75", "95", "99");

    private final Dataset<Row> documents;
    private final List<String> passedThrough;
    private final List<Row> summary;
    private final String protocol;
    private final DocumentTexts texts;

    /**
     * @param protocol by which documents are told one by one
     * @param texts of those documents
     */
    ComparedDocuments(Dataset<Row> comparisons, Dataset<Row> summary, String protocol, DocumentTexts texts) {
        this.texts = texts;
        this.passedThrough = RunTables.passedThrough(comparisons, Tables.DOCUMENT_COMPARISONS_COLUMNS);
        Column tokens = col("scored_tokens");
        this.documents = comparisons
                .where(col("error_class")
                        .isNull()
                        .and(col("scored_tokens").gt(0))
                        .and(col("protocol").equalTo(protocol)))
                .withColumn("others", RunTables.groupName(passedThrough))
                .withColumn("own_rate", col("nll").divide(tokens))
                .withColumn("base_rate", col("baseline_nll").divide(tokens))
                .withColumn("change", col("own_rate").minus(col("base_rate")));
        this.summary = summary.orderBy("protocol").collectAsList();
        this.protocol = protocol;
    }

    Section changes() {
        List<Point> dots = documents
                .orderBy(xxhash64(col("row_id")))
                .limit(MOST_DOTS)
                .select("base_rate", "own_rate")
                .collectAsList()
                .stream()
                .map(row -> new Point(row.getDouble(0), row.getDouble(1), null))
                .sorted(Comparator.comparingDouble(Point::x))
                .toList();
        if (dots.isEmpty()) {
            return Section.absent("changes", "Changes", "No document was compared.");
        }
        Chart pairs = Chart.Plane.pairs(
                "Every document, protocol " + protocol + "; on the line nothing has changed"
                        + (dots.size() < MOST_DOTS ? "." : " (" + MOST_DOTS + " of them)."),
                "baseline, nats/token",
                "nats/token",
                List.of(new Series("document", dots)));
        Optional<Chart> differences = Histogram.of(
                documents,
                col("change"),
                lit("documents"),
                false,
                "Documents by their difference: right of zero the baseline is better.",
                "difference, nats/token",
                "documents");
        return Section.of("changes", "Changes", pairs.html(), iff(differences, Chart::html), quantiles());
    }

    /** Nothing for runs without distributions. */
    private DomContent quantiles() {
        List<Row> rows = summary.stream()
                .filter(row -> row.getAs("p_change_quantiles") != null)
                .toList();
        List<Field<Row>> fields = new ArrayList<>(List.of(new Field<>("protocol", KEY, row -> row.getAs("protocol"))));
        for (int i = 0; i < QUANTILES.size(); i++) {
            int place = i;
            fields.add(new Field<>(
                    QUANTILES.get(i) + "%",
                    NUMBER,
                    row -> Markup.difference(row.<Double>getList(row.fieldIndex("p_change_quantiles"))
                            .get(place))));
        }
        return iff(
                !rows.isEmpty(),
                each(
                        h3("Δp: change of the probability of the token in the text, quantiles"),
                        Markup.grid(fields, rows)));
    }

    Section positions() {
        Dataset<Row> tokens = documents
                .select(explode(col("token_comparisons")).as("token"))
                .select(
                        lit("difference").as("series"),
                        col("token.position").as("position"),
                        col("token.nll").minus(col("token.baseline_nll")).as("nll"));
        return PositionChart.of(
                        tokens,
                        "Mean difference of negative log-likelihood, protocol " + protocol,
                        "position, tokens",
                        List.of(),
                        true)
                .map(chart -> Section.of("positions", "NLL by position", chart.html()))
                .orElseGet(() -> Section.absent(
                        "positions", "NLL by position", "The tokens were not compared: both runs need --emit-tokens."));
    }

    Section extremes() {
        return Section.of(
                "documents",
                "Documents that moved most",
                h3("Lost most against the baseline, by nats/token, protocol " + protocol),
                shown(documents.where("change > 0").orderBy(col("change").desc(), col("row_id"))),
                h3("Gained most"),
                shown(documents.where("change < 0").orderBy(col("change").asc(), col("row_id"))));
    }

    private DomContent shown(Dataset<Row> rows) {
        List<Row> found = rows.select(
                        col("row_id"),
                        col("change"),
                        col("own_rate"),
                        col("base_rate"),
                        col("kl_divergence").divide(col("scored_tokens")),
                        col("same_top").divide(col("scored_tokens")),
                        col("scored_tokens"),
                        col("others"),
                        col("content_sha256"))
                .limit(SHOWN)
                .collectAsList();
        if (found.isEmpty()) {
            return Markup.note("None.");
        }
        List<Field<Row>> fields = new ArrayList<>(List.of(
                new Field<>("row", KEY, row -> Markup.excerpt(row.getString(0))),
                new Field<>("difference", NUMBER, row -> Markup.difference(row.getDouble(1))),
                new Field<>("nats/token", NUMBER, row -> Markup.number(row.getDouble(2))),
                new Field<>("of the baseline", NUMBER, row -> Markup.number(row.getDouble(3))),
                new Field<>("scored tokens", NUMBER, row -> Markup.count(row.getLong(6))),
                new Field<>(String.join(" / ", passedThrough), TEXT, row -> Markup.excerpt(row.getString(7)))));
        if (found.stream().anyMatch(row -> !row.isNullAt(DIVERGENCE))) {
            fields.addAll(
                    DIVERGENCE,
                    List.of(
                            new Field<>("KL divergence", NUMBER, row -> Markup.number(row.<Double>getAs(4))),
                            new Field<>("top-1 agreement", NUMBER, row -> Markup.percent(row.<Double>getAs(5)))));
        }
        return texts.grid(fields, found);
    }
}

package io.spikelet.job.report;

import static io.spikelet.job.report.Markup.Look.KEY;
import static io.spikelet.job.report.Markup.Look.NUMBER;
import static io.spikelet.job.report.Markup.Look.TEXT;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h3;
import static j2html.TagCreator.iff;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.countDistinct;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.log;
import static org.apache.spark.sql.functions.posexplode;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import io.spikelet.job.report.Chart.Point;
import io.spikelet.job.report.Chart.Series;
import io.spikelet.job.report.Markup.Field;
import io.spikelet.job.schema.Tables;
import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Sections about scored documents: by position, by layer, and single documents. */
final class DocumentSections {
    private final Dataset<Row> sound;
    private final Optional<Dataset<Row>> tokens;
    private final DocumentTexts texts;
    private final List<String> protocols;
    private final String protocol;

    /**
     * @param protocols by the first of which documents are told one by one
     * @param texts of documents that are told one by one
     */
    DocumentSections(Dataset<Row> scores, Optional<Dataset<Row>> tokens, List<String> protocols, DocumentTexts texts) {
        this.texts = texts;
        this.sound = scores.where("error_class IS NULL");
        this.tokens = tokens;
        this.protocols = protocols;
        this.protocol = protocols.getFirst();
    }

    Section positions() {
        return tokens.flatMap(table -> PositionChart.of(
                        table.withColumn("series", col("protocol")),
                        "Mean negative log-likelihood",
                        "position, tokens",
                        protocols,
                        false))
                .map(chart -> Section.of("positions", "NLL by position", chart.html()))
                .orElseGet(() -> Section.absent(
                        "positions",
                        "NLL by position",
                        "There is no table token_scores: the run had no --emit-tokens."));
    }

    Section firing() {
        Dataset<Row> fired = sound.where("tokens > 0");
        Row encoder = fired.agg(mean("encoder_firing_rate")).head();
        Map<String, List<Point>> layers = new TreeMap<>();
        addLayers(layers, fired, "feed-forward", "ffn_firing_rate_by_layer");
        addLayers(layers, fired, "block output", "block_firing_rate_by_layer");
        DomContent energy = EnergyNote.of(fired, "", col("tokens"), "a token of a document");
        if (encoder.isNullAt(0) || layers.isEmpty()) {
            String note = fired.isEmpty()
                    ? "No document was scored."
                    : "The rates of this model's populations are in the column firing_rates_by_layer.";
            return Section.of("firing", "Firing rates by layer", Markup.note(note), energy);
        }
        List<Series> series = layers.entrySet().stream()
                .map(entry -> new Series(entry.getKey(), entry.getValue()))
                .toList();
        int count = series.getFirst().points().size();
        String label = "Share of units that fire, over all tokens. In the encoder it is "
                + Markup.rate(encoder.getDouble(0)) + ".";
        List<Field<Integer>> fields = new ArrayList<>(List.of(new Field<Integer>("layer", NUMBER, Markup::count)));
        layers.forEach((name, points) -> fields.add(new Field<>(
                name,
                NUMBER,
                layer -> layer < points.size() ? Markup.rate(points.get(layer).y()) : "–")));
        return Section.of(
                "firing",
                "Firing rates by layer",
                count > 1
                        ? Chart.Plane.lines(label, "layer", "% of the units", true, series)
                                .html()
                        : Markup.note(label),
                Markup.grid(fields, IntStream.range(0, count).boxed().toList()),
                energy);
    }

    Section documents() {
        Dataset<Row> known = sound.where(
                col("protocol").equalTo(protocol).and(col("scored_tokens").gt(0)));
        List<String> groups = RunTables.passedThrough(known, Tables.DOCUMENT_SCORES_COLUMNS);
        // First the columns that passed through, one of which may have the name of a column that is added.
        Dataset<Row> rated = known.withColumn("others", RunTables.groupName(groups))
                .withColumn("rate", col("nll").divide(col("weight")))
                .withColumn("bits", col("nll").divide(col("bytes")).divide(log(lit(2.0))));
        Optional<Chart> rates = Histogram.of(
                rated,
                col("rate"),
                lit("documents"),
                false,
                "Documents by negative log-likelihood, protocol " + protocol + ".",
                "nats/token",
                "documents");
        Extremes extremes = Extremes.of(rated, "rate", "row_id");
        if (extremes.least().isEmpty()) {
            return Section.absent("documents", "Best and worst documents", "No document was scored.");
        }
        DocumentTexts found = texts.found(Stream.concat(extremes.least().stream(), extremes.most().stream())
                .toList());
        return Section.of(
                "documents",
                "Best and worst documents",
                iff(rates, Chart::html),
                h3("Best, by nats/token, protocol " + protocol),
                shown(found, extremes.least(), groups),
                iff(!extremes.most().isEmpty(), each(h3("Worst"), shown(found, extremes.most(), groups))));
    }

    /**
     * How many documents there are and how many of them failed, each counted once under however many protocols.
     *
     * @param rows a row for each document and protocol
     * @param cost cards that follow
     */
    static List<DomContent> cards(Dataset<Row> rows, List<DomContent> cost) {
        Row counts = rows.agg(
                        countDistinct(col("row_id")),
                        countDistinct(when(col("error_class").isNotNull(), col("row_id"))))
                .head();
        List<DomContent> cards = new ArrayList<>();
        cards.add(Markup.card("documents", Markup.count(counts.getLong(0))));
        cards.add(Markup.failures(counts.getLong(1), counts.getLong(0), "documents"));
        cards.addAll(cost);
        return cards;
    }

    private static DomContent shown(DocumentTexts found, List<Row> rows, List<String> passedThrough) {
        List<Field<Row>> fields = List.of(
                new Field<>("row", KEY, row -> Markup.excerpt(row.getAs("row_id"))),
                new Field<>("nats/token", NUMBER, row -> Markup.number(row.<Double>getAs("rate"))),
                new Field<>("bits/byte", NUMBER, row -> Markup.number(row.<Double>getAs("bits"))),
                new Field<>("scored tokens", NUMBER, row -> Markup.count(row.<Long>getAs("scored_tokens"))),
                new Field<>("bytes", NUMBER, row -> Markup.count(row.<Long>getAs("bytes"))),
                new Field<>(String.join(" / ", passedThrough), TEXT, row -> Markup.excerpt(row.getAs("others"))));
        return found.grid(fields, rows);
    }

    private static void addLayers(Map<String, List<Point>> layers, Dataset<Row> scores, String name, String column) {
        if (!RunTables.has(scores, column)) {
            return;
        }
        List<Point> points = scores
                .select(col("tokens"), posexplode(col(column)).as(new String[] {"layer", "rate"}))
                .groupBy("layer")
                .agg(mean("rate"))
                .orderBy("layer")
                .collectAsList()
                .stream()
                .map(row -> new Point(row.getInt(0), row.getDouble(1), null))
                .toList();
        if (!points.isEmpty()) {
            layers.put(name, points);
        }
    }

    /** Over all tokens, per cent. */
    private static Column mean(String rate) {
        return sum(col(rate).multiply(col("tokens"))).divide(sum(col("tokens"))).multiply(100);
    }
}

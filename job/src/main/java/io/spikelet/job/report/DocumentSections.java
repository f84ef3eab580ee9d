package io.spikelet.job.report;

import static io.spikelet.job.report.Markup.Look.KEY;
import static io.spikelet.job.report.Markup.Look.NUMBER;
import static io.spikelet.job.report.Markup.Look.TEXT;
import static j2html.TagCreator.h3;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.countDistinct;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.log;
import static org.apache.spark.sql.functions.posexplode;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import io.spikelet.job.report.Chart.Point;
import io.spikelet.job.report.Chart.Series;
import io.spikelet.job.report.Markup.Heading;
import io.spikelet.job.schema.Tables;
import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** What there is to say about scored documents beyond their sums: along the text, in the layers, one by one. */
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
        DomContent energy = Markup.note(energy(fired));
        if (encoder.isNullAt(0) || layers.isEmpty()) {
            String note = fired.isEmpty()
                    ? "No document was scored."
                    : "The rates of this model's populations are in the column firing_rates_by_layer.";
            return Section.of("firing", "Firing rates by layer", Markup.note(note), energy);
        }
        List<Series> series = layers.entrySet().stream()
                .map(entry -> new Series(entry.getKey(), entry.getValue()))
                .toList();
        String ofEncoder = CompletionFigures.rate(encoder.getDouble(0));
        List<DomContent> parts = new ArrayList<>();
        if (series.getFirst().points().size() > 1) {
            parts.add(Chart.Plane.lines(
                            "Share of units that fire, over all tokens. In the encoder it is " + ofEncoder + ".",
                            "layer",
                            "% of the units",
                            true,
                            series)
                    .html());
        } else {
            parts.add(
                    Markup.note("Share of units that fire, over all tokens. In the encoder it is " + ofEncoder + "."));
        }
        parts.add(Markup.grid(
                Stream.concat(
                                Stream.of(new Heading("layer", NUMBER)),
                                layers.keySet().stream().map(name -> new Heading(name, NUMBER)))
                        .toList(),
                byLayer(series)));
        parts.add(energy);
        return new Section("firing", "Firing rates by layer", parts);
    }

    /** The figure that papers of this field publish; tables of earlier versions do not have it. */
    private static String energy(Dataset<Row> fired) {
        if (!List.of(fired.columns()).contains("energy_microjoules")) {
            return "These tables count no operations.";
        }
        Row sums = fired.where(col("energy_microjoules").isNotNull())
                .agg(sum("energy_microjoules"), sum("dense_energy_microjoules"), sum("tokens"))
                .head();
        if (sums.isNullAt(0)) {
            return "No operations were counted.";
        }
        double tokens = sums.getLong(2);
        return String.format(
                Locale.ROOT,
                "Energy, an estimate at 45 nm and not a measurement: %.3g µJ for a token of a document, beside %.3g µJ for a"
                        + " dense transformer of the same shape.",
                sums.getDouble(0) / tokens,
                sums.getDouble(1) / tokens);
    }

    Section documents() {
        Dataset<Row> known = sound.where(
                col("protocol").equalTo(protocol).and(col("scored_tokens").gt(0)));
        List<String> groups = RunTables.passedThrough(known, Tables.DOCUMENT_SCORES_COLUMNS);
        Dataset<Row> rated = known.withColumn("rate", col("nll").divide(col("weight")))
                .withColumn("bits", col("nll").divide(col("bytes")).divide(log(lit(2.0))))
                .withColumn("others", RunTables.groupName(groups));
        List<DomContent> parts = new ArrayList<>();
        Histogram.of(
                        rated,
                        col("rate"),
                        lit("documents"),
                        false,
                        "Documents by negative log-likelihood, protocol " + protocol + ".",
                        "nats/token",
                        "documents")
                .ifPresent(chart -> parts.add(chart.html()));
        Extremes extremes = Extremes.of(rated, "rate", "row_id");
        if (extremes.least().isEmpty()) {
            return Section.absent("documents", "Best and worst documents", "No document was scored.");
        }
        parts.add(h3("Best, by nats/token, protocol " + protocol));
        parts.add(shown(extremes.least(), groups));
        if (!extremes.most().isEmpty()) {
            parts.add(h3("Worst"));
            parts.add(shown(extremes.most(), groups));
        }
        return new Section("documents", "Best and worst documents", parts);
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

    private DomContent shown(List<Row> rows, List<String> passedThrough) {
        return texts.grid(
                List.of(
                        new Heading("row", KEY),
                        new Heading("nats/token", NUMBER),
                        new Heading("bits/byte", NUMBER),
                        new Heading("scored tokens", NUMBER),
                        new Heading("bytes", NUMBER),
                        new Heading(String.join(" / ", passedThrough), TEXT)),
                rows,
                row -> {
                    Double bits = row.getAs("bits");
                    return List.of(
                            Markup.excerpt(row.getAs("row_id")),
                            Markup.number(row.<Double>getAs("rate")),
                            bits == null ? "–" : Markup.number(bits),
                            Markup.count(row.<Long>getAs("scored_tokens")),
                            Markup.count(row.<Long>getAs("bytes")),
                            Markup.excerpt(row.getAs("others")));
                });
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

    private static List<List<String>> byLayer(List<Series> series) {
        List<List<String>> rows = new ArrayList<>();
        for (int layer = 0; layer < series.getFirst().points().size(); layer++) {
            List<String> row = new ArrayList<>(List.of(Markup.count(layer)));
            for (Series one : series) {
                row.add(
                        layer < one.points().size()
                                ? CompletionFigures.rate(one.points().get(layer).y())
                                : "–");
            }
            rows.add(row);
        }
        return rows;
    }
}

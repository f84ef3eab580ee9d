package io.spikelet.job.report;

import static io.spikelet.job.report.Markup.Look.KEY;
import static io.spikelet.job.report.Markup.Look.NUMBER;
import static io.spikelet.job.report.Markup.Look.TEXT;
import static j2html.TagCreator.div;
import static j2html.TagCreator.h3;
import static org.apache.spark.sql.functions.avg;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.floor;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.posexplode;
import static org.apache.spark.sql.functions.stddev_samp;
import static org.apache.spark.sql.functions.sum;

import io.spikelet.job.report.Chart.Bar;
import io.spikelet.job.report.Chart.Point;
import io.spikelet.job.report.Chart.Series;
import io.spikelet.job.report.Markup.Heading;
import io.spikelet.job.schema.Tables;
import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** What there is to say about scored documents. */
final class EvaluationSections {
    private static final int SHOWN = 8;
    private static final int POSITION_BINS = 40;

    private final Dataset<Row> scores;
    private final Optional<Dataset<Row>> summary;
    private final Optional<Dataset<Row>> tokens;

    EvaluationSections(Dataset<Row> scores, Optional<Dataset<Row>> summary, Optional<Dataset<Row>> tokens) {
        this.scores = scores;
        this.summary = summary;
        this.tokens = tokens;
    }

    Section headline() {
        List<DomContent> parts = new ArrayList<>();
        Row counts = scores.agg(count(lit(1)), count(col("error_class"))).head();
        parts.add(div(
                        Markup.card("documents and protocols", Markup.count(counts.getLong(0)), ""),
                        Markup.card(
                                "rows with an error",
                                Markup.percent((double) counts.getLong(1) / Math.max(1, counts.getLong(0))),
                                Markup.count(counts.getLong(1)) + " rows"))
                .withClass("cards"));
        for (Row row : summaryRows("micro")) {
            parts.add(h3("Protocol " + row.<String>getAs("protocol")));
            parts.add(div(
                            Markup.card(
                                    "perplexity",
                                    Markup.number(value(row, "perplexity")),
                                    Markup.plusMinus(row.getAs("standard_error"))),
                            Markup.card(
                                    "bits a byte",
                                    Markup.number(value(row, "bits_per_byte")),
                                    Markup.plusMinus(bitsError(row))),
                            Markup.card("perplexity a word", Markup.number(value(row, "word_perplexity")), ""),
                            Markup.card("scored tokens", Markup.count(row.<Long>getAs("scored_tokens")), ""))
                    .withClass("cards"));
        }
        parts.add(Markup.note("± is one standard error, documents being the units that were sampled."));
        return new Section("headline", "Headline numbers", parts);
    }

    Section groups() {
        List<Row> rows = summaryRows("group");
        if (rows.isEmpty()) {
            return Section.of("groups", "By group", Markup.note("The run had no --group-by."));
        }
        List<String> groupBy = groupColumns();
        List<DomContent> parts = new ArrayList<>();
        Map<String, List<Row>> byProtocol = new TreeMap<>();
        rows.forEach(row -> byProtocol
                .computeIfAbsent(row.getAs("protocol"), ignored -> new ArrayList<>())
                .add(row));
        byProtocol.forEach((protocol, groups) -> {
            parts.add(new Chart.Bars(
                            "Perplexity, protocol " + protocol + ".",
                            "",
                            groups.stream()
                                    .filter(row -> row.getAs("perplexity") != null)
                                    .map(row -> new Bar(
                                            name(row, groupBy), value(row, "perplexity"), row.getAs("standard_error")))
                                    .toList())
                    .html());
        });
        parts.add(Markup.grid(
                List.of(
                        new Heading("protocol", KEY),
                        new Heading(String.join(", ", groupBy), KEY),
                        new Heading("documents", NUMBER),
                        new Heading("scored tokens", NUMBER),
                        new Heading("perplexity", NUMBER),
                        new Heading("bits a byte", NUMBER)),
                Stream.concat(rows.stream(), summaryRows("macro").stream())
                        .map(row -> List.of(
                                row.<String>getAs("protocol"),
                                row.getAs("level").equals("macro") ? "(mean of the groups)" : name(row, groupBy),
                                Markup.count(row.<Long>getAs("documents")),
                                Markup.count(row.<Long>getAs("scored_tokens")),
                                Markup.number(value(row, "perplexity")) + " "
                                        + Markup.plusMinus(row.getAs("standard_error")),
                                Markup.number(value(row, "bits_per_byte"))))
                        .toList()));
        return new Section("groups", "By " + String.join(", ", groupBy), parts);
    }

    Section positions() {
        Long last = tokens.map(
                        table -> table.agg(max(col("position")).cast("long")).head())
                .filter(row -> !row.isNullAt(0))
                .map(row -> row.getLong(0))
                .orElse(null);
        if (last == null) {
            return Section.of(
                    "positions",
                    "NLL by position",
                    Markup.note("There is no table token_scores: the run had no --emit-tokens."));
        }
        long width = Math.ceilDiv(last + 1, POSITION_BINS);
        Column bin = floor(col("position").divide(width)).multiply(width);
        Map<String, List<Point>> byProtocol = new TreeMap<>();
        for (Row row : tokens.orElseThrow()
                .groupBy(col("protocol"), bin.cast("long").as("bin"))
                .agg(avg(col("nll")), stddev_samp(col("nll")), count(lit(1)))
                .orderBy("protocol", "bin")
                .collectAsList()) {
            byProtocol
                    .computeIfAbsent(row.getString(0), ignored -> new ArrayList<>())
                    .add(new Point(
                            row.getLong(1),
                            row.getDouble(2),
                            row.isNullAt(3) ? null : (Double) (row.getDouble(3) / Math.sqrt(row.getLong(4)))));
        }
        return Section.of(
                "positions",
                "NLL by position",
                Chart.Plane.lines(
                                "Mean negative log-likelihood a token, with its standard error"
                                        + (width > 1 ? ", over " + width + " positions at a time." : "."),
                                "position in the document, tokens",
                                "nats",
                                false,
                                series(byProtocol))
                        .html());
    }

    Section firing() {
        Dataset<Row> sound = scores.where("error_class IS NULL AND tokens > 0");
        Row encoder = sound.agg(
                        sum(col("encoder_firing_rate").multiply(col("tokens"))).divide(sum(col("tokens"))))
                .head();
        Map<String, List<Point>> layers = new TreeMap<>();
        addLayers(layers, sound, "feed-forward", "ffn_firing_rate_by_layer");
        addLayers(layers, sound, "block output", "block_firing_rate_by_layer");
        if (encoder.isNullAt(0) || layers.isEmpty()) {
            return Section.of("firing", "Firing rates by layer", Markup.note("No document was scored."));
        }
        return Section.of(
                "firing",
                "Firing rates by layer",
                Chart.Plane.lines(
                                "Share of units that fire a token. In the encoder it is "
                                        + Markup.number(encoder.getDouble(0)) + ".",
                                "layer",
                                "share",
                                true,
                                series(layers))
                        .html());
    }

    Section documents() {
        Dataset<Row> rated = scores.where("error_class IS NULL AND scored_tokens > 0")
                .withColumn("rate", col("nll").divide(col("scored_tokens")));
        return Section.of(
                "documents",
                "Best and worst documents",
                h3("Best, by negative log-likelihood a token"),
                shown(rated.orderBy(col("rate").asc(), col("row_id"))),
                h3("Worst"),
                shown(rated.orderBy(col("rate").desc(), col("row_id"))));
    }

    private DomContent shown(Dataset<Row> rows) {
        List<String> own = List.of(Tables.DOCUMENT_SCORES_COLUMNS.fieldNames());
        Column passThrough = RunTables.groupName(Arrays.stream(scores.columns())
                .filter(name -> !own.contains(name))
                .toList());
        return Markup.grid(
                List.of(
                        new Heading("row", KEY),
                        new Heading("protocol", KEY),
                        new Heading("nats a token", NUMBER),
                        new Heading("tokens", NUMBER),
                        new Heading("what passed through", TEXT)),
                rows
                        .select(col("row_id"), col("protocol"), col("rate"), col("scored_tokens"), passThrough)
                        .limit(SHOWN)
                        .collectAsList()
                        .stream()
                        .map(row -> List.of(
                                Markup.excerpt(row.getString(0)),
                                row.getString(1),
                                Markup.number(row.getDouble(2)),
                                Markup.count(row.getLong(3)),
                                Markup.excerpt(row.getString(4))))
                        .toList());
    }

    private static void addLayers(Map<String, List<Point>> layers, Dataset<Row> scores, String name, String column) {
        if (!RunTables.has(scores, column)) {
            return;
        }
        List<Point> points = scores
                .select(col("tokens"), posexplode(col(column)))
                .groupBy("pos")
                .agg(sum(col("col").multiply(col("tokens"))).divide(sum(col("tokens"))))
                .orderBy("pos")
                .collectAsList()
                .stream()
                .map(row -> new Point(row.getInt(0), row.getDouble(1), null))
                .toList();
        if (!points.isEmpty()) {
            layers.put(name, points);
        }
    }

    private static List<Series> series(Map<String, List<Point>> byName) {
        return byName.entrySet().stream()
                .limit(Chart.MOST_SERIES)
                .map(entry -> new Series(entry.getKey(), entry.getValue()))
                .toList();
    }

    private List<Row> summaryRows(String level) {
        Column[] order = Stream.concat(Stream.of("protocol"), groupColumns().stream())
                .map(RunTables::named)
                .toArray(Column[]::new);
        return summary.map(table ->
                        table.where(col("level").equalTo(level)).orderBy(order).collectAsList())
                .orElse(List.of());
    }

    /** What stands in the summary between its leading columns and its metrics. */
    private List<String> groupColumns() {
        List<String> names = summary.map(table -> List.of(table.columns())).orElse(List.of());
        int from = names.indexOf("level") + 1;
        int to = names.indexOf("documents");
        return from < to ? names.subList(from, to) : List.of();
    }

    private static String name(Row row, List<String> columns) {
        return String.join(
                " / ",
                columns.stream()
                        .map(name -> String.valueOf(row.<Object>getAs(name)))
                        .toList());
    }

    private static double value(Row row, String column) {
        Double value = row.getAs(column);
        return value == null ? Double.NaN : value;
    }

    /** Bits a byte are the logarithm of the perplexity times tokens a byte, whose error is small beside. */
    private static Double bitsError(Row row) {
        Double error = row.getAs("standard_error");
        long bytes = row.<Long>getAs("bytes");
        if (error == null || bytes == 0) {
            return null;
        }
        return error / value(row, "perplexity") / Math.log(2) * row.<Long>getAs("scored_tokens") / bytes;
    }
}

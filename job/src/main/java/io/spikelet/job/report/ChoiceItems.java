package io.spikelet.job.report;

import static io.spikelet.job.report.Markup.Look.KEY;
import static io.spikelet.job.report.Markup.Look.NUMBER;
import static io.spikelet.job.report.Markup.Look.TEXT;
import static j2html.TagCreator.h3;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.element_at;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;

import io.spikelet.job.report.Markup.Heading;
import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** What there is to say about the items of a multiple choice one by one. */
final class ChoiceItems {
    private static final int SHOWN = 8;

    private static final String OTHERS = "array_max(filter(log_likelihoods, (likelihood, place) -> place <> target))";

    /** How much likelier the right choice is than the best of the others; of a single word, how likely it is. */
    private static final Column MARGIN = expr(
            "CASE WHEN target IS NULL THEN log_likelihoods[0] " + "ELSE log_likelihoods[target] - " + OTHERS + " END");

    /** The likeliest choice beside the right one, which is the answer unless that is right. */
    private static final Column RIVAL = expr("filter(continuations, (text, place) -> place <> target "
            + "AND log_likelihoods[place] = " + OTHERS + ")[0]");

    private final Dataset<Row> items;
    private final boolean isCloze;

    ChoiceItems(Dataset<Row> scores) {
        this.items =
                scores.where("error_class IS NULL").withColumn("margin", MARGIN).where("margin IS NOT NULL");
        this.isCloze = !items.where("target IS NULL").isEmpty();
    }

    Section answers() {
        List<DomContent> parts = new ArrayList<>();
        Histogram.of(
                        items,
                        col("margin"),
                        when(col("acc").equalTo(1), lit("right")).otherwise(lit("wrong")),
                        false,
                        isCloze
                                ? "Log-likelihood of the right word."
                                : "Log-likelihood of the right choice less that of the best other one: above zero the "
                                        + "answer is right.",
                        "nats",
                        "items")
                .ifPresent(chart -> parts.add(chart.html()));
        if (parts.isEmpty()) {
            return Section.of("answers", "Answers", Markup.note("No item was answered."));
        }
        if (!isCloze) {
            parts.add(h3("By the place of the choice"));
            parts.add(places());
        }
        return new Section("answers", "Answers", parts);
    }

    Section extremes() {
        return isCloze
                ? Section.of(
                        "documents",
                        "Least and most likely words",
                        h3("Least likely, by log-likelihood"),
                        shown(items.orderBy(col("margin").asc(), col("row_id"))),
                        h3("Most likely"),
                        shown(items.orderBy(col("margin").desc(), col("row_id"))))
                : Section.of(
                        "documents",
                        "Wrong and right with most confidence",
                        h3("Wrong, by how much likelier the chosen one is than the right one"),
                        shown(items.where("acc = 0").orderBy(col("margin").asc(), col("row_id"))),
                        h3("Right, by how much likelier the right one is than the best other one"),
                        shown(items.where("acc = 1").orderBy(col("margin").desc(), col("row_id"))));
    }

    /** How often each place is right and how often it is chosen: a model that likes a place shows here. */
    private DomContent places() {
        List<String> columns = List.of("target", "predicted", "predicted_norm", "predicted_bytes");
        Map<String, Map<Integer, Long>> counts = new HashMap<>();
        TreeSet<Integer> places = new TreeSet<>();
        for (String column : columns) {
            Map<Integer, Long> own = new HashMap<>();
            items.where(col(column).isNotNull())
                    .groupBy(column)
                    .count()
                    .collectAsList()
                    .forEach(row -> own.put(row.getInt(0), row.getLong(1)));
            counts.put(column, own);
            places.addAll(own.keySet());
        }
        List<String> shown =
                columns.stream().filter(column -> !counts.get(column).isEmpty()).toList();
        List<Heading> headings = new ArrayList<>(List.of(new Heading("choice, from 0", NUMBER)));
        shown.forEach(column -> headings.add(new Heading(
                column.equals("target") ? "is right" : "chosen by " + column.replace("predicted", "acc"), NUMBER)));
        return Markup.grid(
                headings,
                places.stream()
                        .map(place -> {
                            List<String> cells = new ArrayList<>(List.of(Markup.count(place)));
                            shown.forEach(column ->
                                    cells.add(Markup.count(counts.get(column).getOrDefault(place, 0L))));
                            return cells;
                        })
                        .map(List::copyOf)
                        .toList());
    }

    private DomContent shown(Dataset<Row> rows) {
        List<Row> found = rows.select(
                        col("row_id"),
                        col("margin"),
                        element_at(col("contexts"), 1),
                        expr("continuations[coalesce(target, 0)]"),
                        RIVAL)
                .limit(SHOWN)
                .collectAsList();
        if (found.isEmpty()) {
            return Markup.note("None.");
        }
        List<Heading> headings = List.of(
                new Heading("row", KEY),
                new Heading(isCloze ? "nats" : "margin, nats", NUMBER),
                new Heading("context", TEXT),
                new Heading(isCloze ? "right word" : "right choice", TEXT),
                new Heading("likeliest other choice", TEXT));
        int columns = isCloze ? headings.size() - 1 : headings.size();
        return Markup.grid(
                headings.subList(0, columns),
                found.stream()
                        .map(row -> List.of(
                                        Markup.excerpt(row.getString(0)),
                                        Markup.number(row.getDouble(1), 3),
                                        Markup.ends(row.getString(2)),
                                        Markup.excerpt(row.getString(3)),
                                        Markup.excerpt(row.getString(4)))
                                .subList(0, columns))
                        .toList());
    }
}

package io.spikelet.job.report;

import static io.spikelet.job.report.Markup.Look.KEY;
import static io.spikelet.job.report.Markup.Look.NUMBER;
import static io.spikelet.job.report.Markup.Look.TEXT;
import static j2html.TagCreator.h3;
import static j2html.TagCreator.iff;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.element_at;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;

import io.spikelet.job.report.Markup.Field;
import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Sections about single items of a multiple choice. */
final class ChoiceItems {
    private static final int SHOWN = 8;

    private static final String OTHERS = "array_max(filter(log_likelihoods, (likelihood, place) -> place <> target))";

    /** How much likelier the right choice is than the best of the others; of a single word, how likely it is. */
    private static final Column MARGIN = expr(
            "CASE WHEN target IS NULL THEN log_likelihoods[0] " + "ELSE log_likelihoods[target] - " + OTHERS + " END");

    /** The likeliest choice beside the right one, which is the answer unless that is right. */
    private static final Column RIVAL = expr("get(filter(continuations, (text, place) -> place <> target "
            + "AND log_likelihoods[place] = " + OTHERS + "), 0)");

    private final Dataset<Row> items;
    private final boolean isCloze;
    private final boolean withTexts;

    /** @param withTexts whether contexts and choices may be shown */
    ChoiceItems(Dataset<Row> scores, boolean withTexts) {
        this.withTexts = withTexts;
        this.items = scores.where("error_class IS NULL")
                .withColumn("margin", MARGIN)
                .where("margin IS NOT NULL")
                .withColumn("context", element_at(col("contexts"), 1))
                .withColumn("right", expr("continuations[coalesce(target, 0)]"))
                .withColumn("rival", RIVAL);
        this.isCloze = !items.where("target IS NULL").isEmpty();
    }

    Section answers() {
        if (items.isEmpty()) {
            return Section.absent("answers", "Answers", "No item was answered.");
        }
        Optional<Chart> margins = Histogram.of(
                items,
                col("margin"),
                when(col("acc").equalTo(1), lit("right")).otherwise(lit("wrong")),
                false,
                isCloze
                        ? "Log-likelihood of the right word."
                        : "Log-likelihood of the right choice less that of the best other one: above zero the "
                                + "answer is right.",
                "nats",
                "items");
        if (isCloze) {
            return margins.map(chart -> Section.of("answers", "Answers", chart.html()))
                    .orElseGet(() -> Section.absent("answers", "Answers", "All items have the same log-likelihood."));
        }
        return Section.of("answers", "Answers", iff(margins, Chart::html), h3("By the place of the choice"), places());
    }

    Section extremes() {
        Extremes cloze = isCloze ? Extremes.of(items, "margin", "row_id") : new Extremes(List.of(), List.of());
        return isCloze
                ? Section.of(
                        "documents",
                        "Least and most likely words",
                        h3("Least likely, by log-likelihood"),
                        shown(cloze.least()),
                        h3("Most likely"),
                        shown(cloze.most()))
                : Section.of(
                        "documents",
                        "Wrong and right with most confidence",
                        h3("Wrong, by how much likelier the chosen one is than the right one"),
                        shown(first(items.where("acc = 0"), col("margin").asc())),
                        h3("Right, by how much likelier the right one is than the best other one"),
                        shown(first(items.where("acc = 1"), col("margin").desc())));
    }

    /** How often each place is right and how often it is chosen: a model that likes a place shows here. */
    private DomContent places() {
        List<Field<Integer>> fields =
                new ArrayList<>(List.of(new Field<Integer>("choice, from 0", NUMBER, Markup::count)));
        TreeSet<Integer> places = new TreeSet<>();
        for (String column : List.of("target", "predicted", "predicted_norm", "predicted_bytes")) {
            Map<Integer, Long> counts = new HashMap<>();
            items.where(col(column).isNotNull())
                    .groupBy(column)
                    .count()
                    .collectAsList()
                    .forEach(row -> counts.put(row.getInt(0), row.getLong(1)));
            places.addAll(counts.keySet());
            fields.add(new Field<>(
                    counts.isEmpty()
                            ? ""
                            : column.equals("target") ? "is right" : "chosen by " + column.replace("predicted", "acc"),
                    NUMBER,
                    place -> Markup.count(counts.getOrDefault(place, 0L))));
        }
        return Markup.grid(fields, places, true);
    }

    private static List<Row> first(Dataset<Row> rows, Column order) {
        return rows.orderBy(order, col("row_id")).limit(SHOWN).collectAsList();
    }

    private DomContent shown(List<Row> found) {
        if (found.isEmpty()) {
            return Markup.note("None.");
        }
        List<Field<Row>> fields = List.of(
                new Field<>("row", KEY, row -> Markup.excerpt(row.getAs("row_id"))),
                new Field<>(
                        isCloze ? "nats" : "margin, nats",
                        NUMBER,
                        row -> Markup.number(row.<Double>getAs("margin"), 3)),
                new Field<>("context", TEXT, row -> Markup.ends(row.getAs("context"))),
                new Field<>(isCloze ? "right word" : "right choice", TEXT, row -> Markup.excerpt(row.getAs("right"))),
                new Field<>("likeliest other choice", TEXT, row -> Markup.excerpt(row.getAs("rival"))));
        return Markup.grid(isCloze ? fields.subList(0, fields.size() - 1) : fields, found, withTexts);
    }
}

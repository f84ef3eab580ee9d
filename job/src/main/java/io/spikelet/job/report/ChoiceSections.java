package io.spikelet.job.report;

import static io.spikelet.job.report.Markup.Look.KEY;
import static io.spikelet.job.report.Markup.Look.NUMBER;
import static org.apache.spark.sql.functions.avg;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.size;

import io.spikelet.job.report.Chart.Mark;
import io.spikelet.job.report.Chart.Marks;
import io.spikelet.job.report.Chart.Reference;
import io.spikelet.job.report.Markup.Field;
import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Sections with the accuracies of a multiple choice. */
final class ChoiceSections {
    private final Dataset<Row> scores;
    private final GroupedSummary summary;
    private final List<String> tasks;
    private final Row all;
    private final List<Measure> measures;
    private final Double chance;

    /** One of the accuracies, by the names of its columns. */
    private record Measure(String name, String meaning) {
        Measured of(Row row) {
            return Measured.of(row, name, name + "_stderr").times(100);
        }
    }

    ChoiceSections(Dataset<Row> scores, Dataset<Row> summary) {
        this.scores = scores;
        this.summary = new GroupedSummary(summary, "task", "items");
        this.tasks = summary.select("task").distinct().orderBy("task").collectAsList().stream()
                .map(row -> row.getString(0))
                .toList();
        this.all = this.summary.rows("micro", tasks).getFirst();
        this.measures = Stream.of(
                        new Measure("acc", "by log-likelihood"),
                        new Measure("acc_norm", "by log-likelihood per character"),
                        new Measure("acc_bytes", "by log-likelihood per byte"))
                .filter(measure -> measure.of(all).isKnown())
                .toList();
        this.chance = scores.where("error_class IS NULL AND target IS NOT NULL")
                .agg(avg(lit(100.0).divide(size(col("continuations")))))
                .head()
                .getAs(0);
    }

    /** @param cost cards about what the run cost */
    Section headline(List<DomContent> cost) {
        List<DomContent> cards = new ArrayList<>();
        for (Measure measure : measures) {
            Measured accuracy = measure.of(all);
            cards.add(Markup.card(
                    measure.name(),
                    accuracy.text() + "%",
                    accuracy.error() == null ? "" : accuracy.plusMinus() + "%",
                    measure.meaning()));
        }
        Measured perplexity = Measured.of(all, "perplexity", "perplexity_stderr");
        if (perplexity.isKnown()) {
            cards.add(Markup.card("perplexity of the right words", perplexity));
        }
        if (chance != null) {
            cards.add(Markup.card("by chance", Markup.rate(chance), "a choice at random"));
        }
        Row counts = scores.agg(count(lit(1)), count(col("error_class"))).head();
        cards.add(Markup.card(
                "items answered", Markup.count(all.<Long>getAs("items")), "task " + all.<String>getAs("task")));
        cards.add(Markup.failures(counts.getLong(1), counts.getLong(0), "items"));
        cards.addAll(cost);
        return Section.of(
                "headline",
                "Headline numbers",
                Markup.cards(cards),
                EnergyNote.of(scores.where("error_class IS NULL"), "", lit(1), "an item"),
                Markup.note("± is one standard error, items being the units that were sampled."
                        + (chance == null ? " Right is a word that the model would have written itself." : "")));
    }

    Section groups() {
        List<Row> rows = summary.rows("group", tasks);
        if (rows.isEmpty()) {
            return Section.absent("groups", "By group", "The run had no --group-by.");
        }
        if (measures.isEmpty()) {
            return Section.absent("groups", "By " + summary.heading(), "No item was answered.");
        }
        List<Marks> marks = rows.stream()
                .filter(row -> measures.getFirst().of(row).isKnown())
                .map(row -> new Marks(summary.name(row), marks(row)))
                .toList();
        Chart chart = new Chart.Intervals(
                "Right answers. Whiskers are ± one standard error.",
                "% of the items",
                chance == null ? null : new Reference(chance, "by chance: " + Markup.rate(chance)),
                measures.stream().map(Measure::name).toList(),
                marks);
        List<Field<Row>> fields = new ArrayList<>();
        fields.add(new Field<>(summary.heading(), KEY, this::name));
        fields.add(new Field<>("items", NUMBER, row -> Markup.count(row.<Long>getAs("items"))));
        measures.forEach(measure -> fields.add(new Field<>(
                measure.name() + ", %", NUMBER, row -> measure.of(row).withError())));
        List<Row> levels = Stream.of("group", "micro", "macro")
                .flatMap(level -> summary.rows(level, tasks).stream())
                .toList();
        return Section.of("groups", "By " + summary.heading(), chart.html(), Markup.grid(fields, levels));
    }

    private List<Mark> marks(Row row) {
        List<Mark> marks = new ArrayList<>();
        for (int i = 0; i < measures.size(); i++) {
            Measured accuracy = measures.get(i).of(row);
            marks.add(accuracy.mark(i, accuracy.withError() + "%"));
        }
        return marks;
    }

    private String name(Row row) {
        return switch (row.<String>getAs("level")) {
            case "micro" -> "(all items)";
            case "macro" -> "(mean of the groups)";
            default -> summary.name(row);
        };
    }
}

package io.spikelet.job.report;

import static io.spikelet.job.report.Markup.Look.KEY;
import static io.spikelet.job.report.Markup.Look.NUMBER;
import static j2html.TagCreator.iff;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.countDistinct;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.trim;
import static org.apache.spark.sql.functions.when;

import io.spikelet.job.report.Chart.Bar;
import io.spikelet.job.report.Chart.Marks;
import io.spikelet.job.report.Chart.Reference;
import io.spikelet.job.report.Markup.Field;
import io.spikelet.job.schema.Tables;
import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Sections with the numbers of completions. */
final class CompletionSections {
    /** A completion without a text that could be rated. */
    static final Column IS_EMPTY = trim(col("completion")).equalTo("");

    private final Dataset<Row> completions;
    private final List<String> groupBy;
    private final CompletionFigures all;
    private final List<CompletionFigures> groups;

    CompletionSections(Dataset<Row> completions, List<String> wantedGroups) {
        this.completions = completions;
        this.groupBy = RunTables.groups(completions, Tables.COMPLETIONS_COLUMNS, wantedGroups);
        List<CompletionFigures> whole = CompletionFigures.of(completions, lit("all completions"));
        this.all = whole.isEmpty()
                ? new CompletionFigures(
                        "all completions", 0, 0, Measured.of(null, null), Measured.of(null, null), null, null)
                : whole.getFirst();
        this.groups = groupBy.isEmpty() ? whole : CompletionFigures.of(completions, RunTables.groupName(groupBy));
    }

    /** @param cost cards about what the run cost */
    Section headline(List<DomContent> cost) {
        Row counts = completions
                .agg(
                        countDistinct(col("row_id")),
                        count(col("duplicate_of")),
                        count(when(IS_EMPTY.and(col("error_class").isNull()), lit(1))))
                .head();
        long sound = all.rows() - all.failed();
        List<DomContent> cards = new ArrayList<>();
        cards.add(Markup.card(
                "completions",
                Markup.count(sound),
                all.rows() == counts.getLong(0) ? "" : "of " + Markup.count(counts.getLong(0)) + " prompts",
                counts.getLong(1) == 0 ? "" : Markup.count(counts.getLong(1)) + " copied from equal prompts"));
        cards.add(Markup.failures(all.failed(), all.rows(), "rows"));
        for (Row row : completions
                .where("error_class IS NULL")
                .groupBy("finish_reason")
                .count()
                .orderBy(col("count").desc(), col("finish_reason"))
                .collectAsList()) {
            cards.add(Markup.card(
                    "ended by " + row.getString(0),
                    Markup.percent((double) row.getLong(1) / sound),
                    Markup.count(row.getLong(1)) + " completions"));
        }
        if (counts.getLong(2) > 0) {
            cards.add(Markup.card("empty completions", Markup.count(counts.getLong(2)), "no text, or only blanks"));
        }
        cards.add(Markup.card("tokens/completion", all.tokens()));
        cards.addAll(cost);
        return Section.of(
                "headline",
                "Headline numbers",
                Markup.cards(cards),
                Markup.note("± is one standard error, prompts being the units that were sampled."));
    }

    /** Perplexity of the completions, as a card. */
    Optional<DomContent> perplexity() {
        return all.perplexity().isKnown()
                ? Optional.of(Markup.cards(List.of(Markup.card("perplexity of its own text", all.perplexity()))))
                : Optional.empty();
    }

    Section groups() {
        if (groupBy.isEmpty()) {
            return Section.absent("groups", "By group", RunTables.NO_GROUPS);
        }
        List<Marks> rows = groups.stream()
                .filter(group -> group.perplexity().isKnown())
                .map(group -> new Marks(
                        group.name(),
                        List.of(group.perplexity().mark(0, group.perplexity().withError()))))
                .toList();
        DomContent chart = rows.isEmpty()
                ? null
                : new Chart.Intervals(
                                "Perplexity of the completions, as the model itself rates them, ± one standard error.",
                                "perplexity",
                                new Reference(
                                        all.perplexity().value(),
                                        "all: " + all.perplexity().text()),
                                List.of(),
                                rows)
                        .html();
        List<Field<CompletionFigures>> fields = List.of(
                new Field<>(String.join(", ", groupBy), KEY, CompletionFigures::name),
                new Field<>("rows", NUMBER, group -> Markup.count(group.rows())),
                new Field<>("errors", NUMBER, group -> Markup.count(group.failed())),
                new Field<>("tokens/completion", NUMBER, group -> group.tokens().withError()),
                new Field<>("perplexity", NUMBER, group -> group.perplexity().withError()),
                new Field<>("encoder firing", NUMBER, group -> Markup.rate(group.encoder())),
                new Field<>("feed-forward firing", NUMBER, group -> Markup.rate(group.feedForward())));
        return Section.of("groups", "By " + String.join(", ", groupBy), chart, Markup.grid(fields, groups));
    }

    Section firing() {
        if (all.rows() == all.failed()) {
            return Section.absent("firing", "Firing rates", "No row was completed.");
        }
        DomContent energy = EnergyNote.of(
                completions.where("error_class IS NULL"),
                "",
                col("prompt_tokens").plus(col("completion_tokens")),
                "a token of prompt and completion");
        List<CompletionFigures> fired =
                groups.stream().filter(group -> group.encoder() != null).toList();
        if (fired.isEmpty()) {
            return Section.of(
                    "firing",
                    "Firing rates",
                    Markup.note("The rates of this model's populations are in the column firing_rates."),
                    energy);
        }
        Optional<Chart> encoder =
                rates("Share of the encoder's units that fire, over all tokens.", fired, CompletionFigures::encoder);
        Optional<Chart> feedForward = rates(
                "Share of the feed-forward units that fire, over all layers and tokens.",
                fired,
                CompletionFigures::feedForward);
        return Section.of(
                "firing",
                "Firing rates",
                iff(encoder, Chart::html),
                iff(feedForward, Chart::html),
                iff(
                        encoder.or(() -> feedForward).isEmpty(),
                        Markup.cards(List.of(
                                Markup.card("encoder firing", Markup.rate(all.encoder())),
                                Markup.card("feed-forward firing", Markup.rate(all.feedForward()))))),
                Markup.note("Rates layer by layer are in the tables of perplexity, not in those of generate."),
                energy);
    }

    private static Optional<Chart> rates(
            String label, List<CompletionFigures> groups, Function<CompletionFigures, Double> rate) {
        return Chart.Bars.of(
                label,
                groups.stream()
                        .filter(group -> rate.apply(group) != null)
                        .map(group -> new Bar(group.name(), rate.apply(group), Markup.rate(rate.apply(group))))
                        .toList());
    }
}

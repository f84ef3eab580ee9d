package io.spikelet.job.report;

import static io.spikelet.job.report.Markup.Look.KEY;
import static io.spikelet.job.report.Markup.Look.NUMBER;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h3;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.sum;

import io.spikelet.job.report.Chart.Marks;
import io.spikelet.job.report.Chart.Reference;
import io.spikelet.job.report.Markup.Field;
import io.spikelet.job.schema.Tables;
import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Sections with the numbers of a comparison. Differences are the model, or run, minus the baseline. */
final class ComparisonSections {
    /** As many of a group's columns runs have too, which keep no distributions. */
    private static final int RUNS_COLUMNS = 7;

    private final Dataset<Row> comparisons;
    private final List<Row> summary;
    private final List<String> protocols;
    private final List<String> groupBy;

    ComparisonSections(Dataset<Row> comparisons, Dataset<Row> summary, List<String> wantedGroups) {
        this.comparisons = comparisons;
        this.summary = summary.orderBy("protocol").collectAsList();
        this.protocols =
                this.summary.stream().map(row -> row.<String>getAs("protocol")).toList();
        this.groupBy = RunTables.groups(comparisons, Tables.DOCUMENT_COMPARISONS_COLUMNS, wantedGroups);
    }

    /** The protocol by which documents are told one by one. */
    String protocol() {
        return protocols.contains("document") || protocols.isEmpty() ? "document" : protocols.getFirst();
    }

    /** @param cost cards about what the run cost; none if nothing was run */
    Section headline(List<DomContent> cost) {
        List<DomContent> parts = new ArrayList<>();
        for (Row row : summary) {
            parts.add(h3("Protocol " + row.<String>getAs("protocol")));
            parts.add(Markup.cards(cards(row)));
        }
        parts.add(h3("The run"));
        parts.add(Markup.cards(DocumentSections.cards(comparisons, cost)));
        Dataset<Row> sound = comparisons.where("error_class IS NULL");
        parts.add(EnergyNote.of(sound, "", col("scored_tokens"), "a scored token"));
        parts.add(EnergyNote.of(sound, Tables.BASELINE, col("scored_tokens"), "a scored token under the baseline"));
        parts.add(
                Markup.note("Differences are those of the model, or run, less the baseline: above zero the baseline is "
                        + "better. ± is one standard error of the pairs, since both were given the same documents; 95% is the "
                        + "interval by the bootstrap over documents."));
        return Section.of("headline", "Headline numbers", each(parts.stream()));
    }

    private static List<DomContent> cards(Row row) {
        List<DomContent> cards = new ArrayList<>();
        Measured perplexity = Measured.of(
                row,
                "perplexity_difference",
                "perplexity_difference_stderr",
                "perplexity_difference_low",
                "perplexity_difference_high");
        Measured nll = Measured.of(row, "nll_difference", "nll_difference_stderr");
        cards.add(Markup.card(
                "difference of perplexity",
                perplexity.signedText(),
                perplexity.plusMinus(),
                Markup.interval(perplexity),
                inErrors(perplexity)));
        cards.add(Markup.card(
                "perplexity", number(row, "perplexity"), "baseline: " + number(row, "baseline_perplexity")));
        cards.add(Markup.card("difference, nats/token", nll.signedText(), nll.plusMinus(), inErrors(nll)));
        Measured bits = bits(row, nll);
        cards.add(Markup.card("difference, bits/byte", bits.signedText(), bits.plusMinus()));
        if (Measured.value(row, "mean_kl_divergence") != null) {
            cards.add(Markup.card(
                    "KL divergence, nats/token",
                    number(row, "mean_kl_divergence"),
                    "largest: " + number(row, "max_kl_divergence")));
            cards.add(Markup.card(
                    "top-1 agreement", Markup.percent(Measured.value(row, "same_top_share")), "of the positions"));
        }
        if (Measured.value(row, "rms_p_change") != null) {
            cards.add(Markup.card(
                    "Δp, root mean square",
                    number(row, "rms_p_change"),
                    "mean: "
                            + Measured.of(Measured.value(row, "mean_p_change"), null)
                                    .signedText()));
        }
        cards.add(Markup.card(
                "scored tokens",
                Markup.count(row.<Long>getAs("scored_tokens")),
                "in " + Markup.count(row.<Long>getAs("documents")) + " documents"));
        return cards;
    }

    Section groups() {
        if (groupBy.isEmpty()) {
            return Section.absent("groups", "By group", RunTables.NO_GROUPS);
        }
        List<Row> groups = groupsOf();
        List<Marks> marks = Measured.marks(
                groups,
                protocols,
                group -> group.getAs("name"),
                ComparisonSections::difference,
                Measured::signedWithError);
        String names = String.join(", ", groupBy);
        if (marks.isEmpty()) {
            return Section.absent("groups", "By " + names, "No document was compared.");
        }
        boolean hasDistributions = groups.stream().anyMatch(group -> group.getAs("kl_divergence") != null);
        return Section.of(
                "groups",
                "By " + names,
                new Chart.Intervals(
                                "Difference of negative log-likelihood. Whiskers are ± one standard error of the pairs.",
                                "nats/token",
                                new Reference(0, "no difference"),
                                protocols,
                                marks)
                        .html(),
                Markup.grid(hasDistributions ? fields(names) : fields(names).subList(0, RUNS_COLUMNS), groups));
    }

    private static List<Field<Row>> fields(String groups) {
        return List.of(
                new Field<>("protocol", KEY, group -> group.getAs("protocol")),
                new Field<>(groups, KEY, group -> group.getAs("name")),
                new Field<>("documents", NUMBER, group -> Markup.count(group.<Long>getAs("documents"))),
                new Field<>("scored tokens", NUMBER, group -> Markup.count(group.<Long>getAs("tokens"))),
                new Field<>("perplexity", NUMBER, group -> Markup.number(Math.exp(rate(group, "nll")))),
                new Field<>("of the baseline", NUMBER, group -> Markup.number(Math.exp(rate(group, "baseline_nll")))),
                new Field<>(
                        "difference, nats/token",
                        NUMBER,
                        group -> difference(group).signedWithError()),
                new Field<>("KL divergence, nats/token", NUMBER, group -> Markup.number(rate(group, "kl_divergence"))),
                new Field<>("top-1 agreement", NUMBER, group -> Markup.percent(rate(group, "same_top"))));
    }

    /** The groups of each protocol, by name. */
    private List<Row> groupsOf() {
        Dataset<Row> sound = comparisons.where("error_class IS NULL");
        List<Column> wanted = new ArrayList<>(Ratio.sums(col("nll").minus(col("baseline_nll")), col("scored_tokens")));
        wanted.addAll(List.of(
                max(col("protocol")).as("protocol"),
                count(lit(1)).as("documents"),
                sum(col("scored_tokens")).as("tokens")));
        for (String total : List.of("nll", "baseline_nll", "kl_divergence", "same_top")) {
            wanted.add(sum(col(total)).as(total));
        }
        return protocols.stream()
                .map(protocol -> sound.where(col("protocol").equalTo(protocol)))
                .flatMap(table -> RunTables.aggregated(table, RunTables.groupName(groupBy), wanted).stream())
                .toList();
    }

    private static Measured difference(Row group) {
        return Ratio.of(group, 1);
    }

    /** A total of a group for each of its tokens; null if it has none. */
    private static Double rate(Row group, String total) {
        Number sum = group.getAs(total);
        return sum == null ? null : (Double) (sum.doubleValue() / group.<Long>getAs("tokens"));
    }

    /** Bits a byte are nats/token times what both sides share, and so is their error. */
    private static Measured bits(Row row, Measured nll) {
        Double difference = Measured.value(row, "bits_per_byte_difference");
        return difference == null || nll.error() == null || nll.value() == 0
                ? Measured.of(difference, null)
                : Measured.of(difference, nll.error() * difference / nll.value());
    }

    private static String inErrors(Measured difference) {
        return difference.error() == null || difference.error() == 0
                ? ""
                : Markup.number(Math.abs(difference.value() / difference.error()), 2) + " × its error";
    }

    private static String number(Row row, String column) {
        return Markup.number(Measured.value(row, column));
    }
}

package io.spikelet.job.report;

import static io.spikelet.job.report.Markup.Look.KEY;
import static io.spikelet.job.report.Markup.Look.NUMBER;
import static j2html.TagCreator.h3;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.sum;

import io.spikelet.job.report.Chart.Mark;
import io.spikelet.job.report.Chart.Marks;
import io.spikelet.job.report.Chart.Reference;
import io.spikelet.job.report.Markup.Field;
import io.spikelet.job.schema.Tables;
import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
        return new Section("headline", "Headline numbers", parts);
    }

    private static List<DomContent> cards(Row row) {
        List<DomContent> cards = new ArrayList<>();
        Measured perplexity = Measured.of(
                row,
                "perplexity_difference",
                "perplexity_difference_stderr",
                "perplexity_difference_low",
                "perplexity_difference_high");
        Measured nll = Measured.of(Measured.value(row, "nll_difference"), Measured.value(row, "nll_difference_stderr"));
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
        List<Group> groups = groupsOf();
        Map<String, List<Mark>> marks = new LinkedHashMap<>();
        for (Group group : groups) {
            if (group.difference.isKnown() && protocols.indexOf(group.protocol) < Chart.MOST_SERIES) {
                marks.computeIfAbsent(group.name, ignored -> new ArrayList<>())
                        .add(group.difference.mark(
                                protocols.indexOf(group.protocol), group.difference.signedWithError()));
            }
        }
        String names = String.join(", ", groupBy);
        if (marks.isEmpty()) {
            return Section.absent("groups", "By " + names, "No document was compared.");
        }
        boolean hasDistributions = groups.stream().anyMatch(group -> group.divergence != null);
        return Section.of(
                "groups",
                "By " + names,
                new Chart.Intervals(
                                "Difference of negative log-likelihood. Whiskers are ± one standard error of the pairs.",
                                "nats/token",
                                new Reference(0, "no difference"),
                                protocols.size() > 1 ? protocols : List.of(),
                                marks.entrySet().stream()
                                        .map(group -> new Marks(group.getKey(), group.getValue()))
                                        .toList())
                        .html(),
                Markup.grid(hasDistributions ? fields(names) : fields(names).subList(0, RUNS_COLUMNS), groups));
    }

    private static List<Field<Group>> fields(String groups) {
        return List.of(
                new Field<>("protocol", KEY, Group::protocol),
                new Field<>(groups, KEY, Group::name),
                new Field<>("documents", NUMBER, group -> Markup.count(group.documents)),
                new Field<>("scored tokens", NUMBER, group -> Markup.count((long) group.tokens)),
                new Field<>("perplexity", NUMBER, group -> Markup.number(Math.exp(group.nll / group.tokens))),
                new Field<>(
                        "of the baseline", NUMBER, group -> Markup.number(Math.exp(group.baselineNll / group.tokens))),
                new Field<>("difference, nats/token", NUMBER, group -> group.difference.signedWithError()),
                new Field<>(
                        "KL divergence, nats/token",
                        NUMBER,
                        group -> group.divergence == null ? "–" : Markup.number(group.divergence / group.tokens)),
                new Field<>(
                        "top-1 agreement",
                        NUMBER,
                        group -> group.sameTop == null ? "–" : Markup.percent(group.sameTop / group.tokens)));
    }

    private List<Group> groupsOf() {
        Dataset<Row> sound = comparisons.where("error_class IS NULL");
        List<Column> wanted = new ArrayList<>(Ratio.sums(col("nll").minus(col("baseline_nll")), col("scored_tokens")));
        wanted.addAll(
                List.of(sum(col("nll")), sum(col("baseline_nll")), sum(col("kl_divergence")), sum(col("same_top"))));
        List<Group> groups = new ArrayList<>();
        for (String protocol : protocols) {
            RunTables.aggregated(sound.where(col("protocol").equalTo(protocol)), RunTables.groupName(groupBy), wanted)
                    .forEach(row -> groups.add(Group.of(protocol, row)));
        }
        return groups;
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
        Double value = Measured.value(row, column);
        return Markup.number(value == null ? Double.NaN : value);
    }

    /** What is said of a group. */
    private record Group(
            String protocol,
            String name,
            long documents,
            double tokens,
            Measured difference,
            double nll,
            double baselineNll,
            Double divergence,
            Long sameTop) {
        static Group of(String protocol, Row row) {
            return new Group(
                    protocol,
                    row.getString(0),
                    row.getLong(1),
                    row.getDouble(3),
                    Ratio.of(row, 1),
                    row.getDouble(7),
                    row.getDouble(8),
                    row.isNullAt(9) ? null : (Double) row.getDouble(9),
                    row.isNullAt(10) ? null : (Long) row.getLong(10));
        }
    }
}

package io.spikelet.job.report;

import static io.spikelet.job.report.Markup.Look.KEY;
import static io.spikelet.job.report.Markup.Look.NUMBER;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h3;
import static j2html.TagCreator.iff;

import io.spikelet.job.report.Chart.Marks;
import io.spikelet.job.report.Chart.Reference;
import io.spikelet.job.report.Markup.Field;
import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Sections with the numbers of scored documents. */
final class EvaluationSections {
    private static final String BOOTSTRAP = "Whiskers are intervals of 95%, by the bootstrap over documents.";
    private static final String STANDARD_ERROR =
            "Whiskers are ± one standard error, over documents; the run had no bootstrap.";

    private final Dataset<Row> scores;
    private final Optional<GroupedSummary> summary;
    private final List<String> protocols;

    /** @param protocols in the order in which they are told */
    EvaluationSections(Dataset<Row> scores, Optional<Dataset<Row>> summary, List<String> protocols) {
        this.scores = scores;
        this.summary = summary.map(table -> new GroupedSummary(table, "protocol", "documents"));
        this.protocols = protocols;
    }

    /** @param cost cards about what the run cost */
    Section headline(List<DomContent> cost) {
        List<DomContent> parts = new ArrayList<>();
        List<Row> rows = rows("micro");
        if (rows.size() > 2) {
            parts.add(overview(rows));
            parts.add(grid(List.of("protocol"), rows));
        } else {
            rows.forEach(row -> {
                parts.add(h3("Protocol " + row.<String>getAs("protocol")));
                parts.add(Markup.cards(List.of(
                        Markup.card("perplexity", perplexity(row)),
                        Markup.card("bits/byte", bits(row)),
                        Markup.card("word perplexity", Markup.number(Measured.value(row, "word_perplexity"))),
                        Markup.card("scored tokens", Markup.count(row.<Long>getAs("scored_tokens"))))));
            });
        }
        parts.add(h3("The run"));
        parts.add(Markup.cards(DocumentSections.cards(scores, cost)));
        parts.add(Markup.note("± is one standard error, documents being the units that were sampled"
                + (hasIntervals(rows) ? "; 95% is the interval by the bootstrap over them." : ".")));
        return Section.of("headline", "Headline numbers", each(parts.stream()));
    }

    Section groups() {
        List<Row> rows = rows("group");
        if (rows.isEmpty()) {
            return Section.absent("groups", "By group", "The run had no --group-by.");
        }
        GroupedSummary groups = summary.orElseThrow();
        List<Marks> marks =
                Measured.marks(rows, protocols, groups::name, EvaluationSections::perplexity, Measured::withError);
        Measured all = marks.isEmpty()
                ? Measured.of(null, null)
                : perplexity(rows("micro").getFirst());
        Chart chart = new Chart.Intervals(
                "Perplexity. " + (hasIntervals(rows) ? BOOTSTRAP : STANDARD_ERROR),
                "perplexity",
                protocols.size() > 1 || !all.isKnown()
                        ? null
                        : new Reference(all.value(), "all documents: " + all.text()),
                protocols,
                marks);
        List<Row> shown = Stream.concat(rows.stream(), rows("macro").stream()).toList();
        return Section.of(
                "groups",
                "By " + groups.heading(),
                iff(!marks.isEmpty(), chart.html()),
                grid(List.of("protocol", groups.heading()), shown));
    }

    private DomContent overview(List<Row> rows) {
        return new Chart.Intervals(
                        "Perplexity by protocol. " + (hasIntervals(rows) ? BOOTSTRAP : STANDARD_ERROR),
                        "perplexity",
                        null,
                        List.of(),
                        rows.stream()
                                .filter(row -> perplexity(row).isKnown())
                                .map(row -> new Marks(
                                        row.getAs("protocol"),
                                        List.of(perplexity(row)
                                                .mark(0, perplexity(row).withError()))))
                                .toList())
                .html();
    }

    private DomContent grid(List<String> keys, List<Row> rows) {
        List<Field<Row>> fields = new ArrayList<>();
        fields.add(new Field<>(keys.getFirst(), KEY, row -> row.getAs("protocol")));
        if (keys.size() > 1) {
            fields.add(new Field<>(keys.getLast(), KEY, this::group));
        }
        fields.add(new Field<>("documents", NUMBER, row -> Markup.count(row.<Long>getAs("documents"))));
        fields.add(new Field<>("scored tokens", NUMBER, row -> Markup.count(row.<Long>getAs("scored_tokens"))));
        fields.add(new Field<>("perplexity", NUMBER, row -> perplexity(row).withError()));
        if (hasIntervals(rows)) {
            fields.add(
                    new Field<>("95% interval", NUMBER, row -> perplexity(row).interval()));
        }
        fields.add(new Field<>("bits/byte", NUMBER, row -> bits(row).withError()));
        fields.add(
                new Field<>("word perplexity", NUMBER, row -> Markup.number(Measured.value(row, "word_perplexity"))));
        return Markup.grid(fields, rows);
    }

    private String group(Row row) {
        return row.getAs("level").equals("macro")
                ? "(mean of the groups)"
                : summary.orElseThrow().name(row);
    }

    private List<Row> rows(String level) {
        return summary.map(table -> table.rows(level, protocols)).orElse(List.of());
    }

    private static boolean hasIntervals(List<Row> rows) {
        return rows.stream().anyMatch(row -> perplexity(row).hasInterval());
    }

    private static Measured perplexity(Row row) {
        return Measured.of(row, "perplexity", "standard_error", "perplexity_low", "perplexity_high");
    }

    private static Measured bits(Row row) {
        return Measured.of(row, "bits_per_byte", "bits_per_byte_error", "bits_per_byte_low", "bits_per_byte_high");
    }
}

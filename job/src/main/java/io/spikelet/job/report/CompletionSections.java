package io.spikelet.job.report;

import static io.spikelet.job.report.Markup.Look.KEY;
import static io.spikelet.job.report.Markup.Look.NUMBER;
import static io.spikelet.job.report.Markup.Look.TEXT;
import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h3;
import static org.apache.spark.sql.functions.avg;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.stddev_samp;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import io.spikelet.job.report.Chart.Bar;
import io.spikelet.job.report.Markup.Heading;
import io.spikelet.job.schema.Tables;
import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** What there is to say about completions. */
final class CompletionSections {
    private static final int SHOWN = 8;

    private final Dataset<Row> completions;
    private final Dataset<Row> sound;
    private final List<String> groupBy;

    CompletionSections(Dataset<Row> completions, List<String> wantedGroups) {
        this.completions = completions;
        this.sound = completions.where("error_class IS NULL AND completion_tokens > 0");
        this.groupBy = RunTables.groups(completions, Tables.COMPLETIONS_COLUMNS, wantedGroups);
    }

    Section headline() {
        Figures all = figures(lit("all")).getFirst();
        List<DomContent> cards = new ArrayList<>();
        cards.add(Markup.card("prompts", Markup.count(all.rows), ""));
        cards.add(Markup.card(
                "rows with an error",
                Markup.percent(all.failedShare()),
                Markup.count(all.failed) + " rows, ± " + Markup.percent(all.failedShareError())));
        cards.add(Markup.card("tokens a completion", Markup.number(all.tokens), Markup.plusMinus(all.tokensError)));
        cards.add(Markup.card(
                "perplexity of its own text", Markup.number(all.perplexity), Markup.plusMinus(all.perplexityError)));
        for (Row row : completions
                .groupBy("finish_reason")
                .count()
                .orderBy(col("count").desc(), col("finish_reason"))
                .collectAsList()) {
            cards.add(Markup.card(
                    "ended by " + row.getString(0),
                    Markup.percent((double) row.getLong(1) / all.rows),
                    Markup.count(row.getLong(1)) + " rows"));
        }
        return Section.of(
                "headline",
                "Headline numbers",
                div(each(cards, card -> card)).withClass("cards"),
                Markup.note("± is one standard error, prompts being the units that were sampled."));
    }

    Section groups() {
        if (groupBy.isEmpty()) {
            return Section.of("groups", "By group", Markup.note(noGroups()));
        }
        List<Figures> groups = figures(RunTables.groupName(groupBy));
        return Section.of(
                "groups",
                "By " + String.join(", ", groupBy),
                new Chart.Bars(
                                "Perplexity of the completions, as the model itself rates them.",
                                "",
                                groups.stream()
                                        .filter(group -> !Double.isNaN(group.perplexity))
                                        .map(group -> new Bar(group.name, group.perplexity, group.perplexityError))
                                        .toList())
                        .html(),
                Markup.grid(
                        List.of(
                                new Heading(String.join(", ", groupBy), KEY),
                                new Heading("prompts", NUMBER),
                                new Heading("errors", NUMBER),
                                new Heading("tokens a completion", NUMBER),
                                new Heading("perplexity", NUMBER),
                                new Heading("encoder firing", NUMBER),
                                new Heading("feed-forward firing", NUMBER)),
                        groups.stream().map(Figures::cells).toList()));
    }

    /** Completions carry no measures of single positions. */
    Section positions() {
        return Section.of(
                "positions",
                "NLL by position",
                Markup.note("Not in this run: it is measured by perplexity with --emit-tokens."));
    }

    Section firing() {
        List<Figures> groups = figures(groupBy.isEmpty() ? lit("all prompts") : RunTables.groupName(groupBy)).stream()
                .filter(group -> !Double.isNaN(group.encoder))
                .toList();
        if (groups.isEmpty()) {
            return Section.of("firing", "Firing rates", Markup.note("No row was completed."));
        }
        return Section.of(
                "firing",
                "Firing rates",
                new Chart.Bars(
                                "Share of the encoder's units that fire a token.",
                                "",
                                groups.stream()
                                        .map(group -> new Bar(group.name, group.encoder, null))
                                        .toList())
                        .html(),
                new Chart.Bars(
                                "Share of the feed-forward units that fire a token, all layers together.",
                                "",
                                groups.stream()
                                        .map(group -> new Bar(group.name, group.feedForward, null))
                                        .toList())
                        .html(),
                Markup.note("Rates layer by layer are in the tables of perplexity, not in those of generate."));
    }

    Section documents() {
        Dataset<Row> rated = sound.withColumn("rate", col("sum_logprob").divide(col("completion_tokens")));
        return Section.of(
                "documents",
                "Most and least likely completions",
                h3("Most likely, by log-probability a token"),
                shown(rated.orderBy(col("rate").desc(), col("row_id"))),
                h3("Least likely"),
                shown(rated.orderBy(col("rate").asc(), col("row_id"))));
    }

    private static DomContent shown(Dataset<Row> rows) {
        return Markup.grid(
                List.of(
                        new Heading("row", KEY),
                        new Heading("log-probability a token", NUMBER),
                        new Heading("tokens", NUMBER),
                        new Heading("prompt", TEXT),
                        new Heading("completion", TEXT)),
                rows
                        .select("row_id", "rate", "completion_tokens", "prompt", "completion")
                        .limit(SHOWN)
                        .collectAsList()
                        .stream()
                        .map(row -> List.of(
                                Markup.excerpt(row.getString(0)),
                                Markup.number(row.getDouble(1)),
                                Markup.count(row.getInt(2)),
                                Markup.excerpt(row.getString(3)),
                                Markup.excerpt(row.getString(4))))
                        .toList());
    }

    private static String noGroups() {
        return "No column that passed through has few enough values that repeat; name one with --group-by.";
    }

    private List<Figures> figures(Column group) {
        Column isSound = col("error_class").isNull();
        Column nll = when(isSound, col("sum_logprob").multiply(-1));
        Column tokens = when(isSound, col("completion_tokens").cast("double"));
        return completions
                .groupBy(group.as("name"))
                .agg(
                        count(lit(1)),
                        count(col("error_class")),
                        avg(tokens),
                        stddev_samp(tokens),
                        sum(nll),
                        sum(tokens),
                        sum(nll.multiply(nll)),
                        sum(nll.multiply(tokens)),
                        sum(tokens.multiply(tokens)),
                        avg(when(isSound, col("encoder_firing_rate"))),
                        avg(when(isSound, col("ffn_firing_rate"))))
                .orderBy("name")
                .collectAsList()
                .stream()
                .map(Figures::of)
                .toList();
    }

    /** Errors are null where fewer than two rows leave them unknown. */
    private record Figures(
            String name,
            long rows,
            long failed,
            double tokens,
            Double tokensError,
            double perplexity,
            Double perplexityError,
            double encoder,
            double feedForward) {
        static Figures of(Row row) {
            long rows = row.getLong(1);
            long failed = row.getLong(2);
            long good = rows - failed;
            double nll = value(row, 5);
            double tokens = value(row, 6);
            double rate = nll / tokens;
            // The ratio estimator, as NllSummary has it.
            double squares = value(row, 7) - 2 * rate * value(row, 8) + rate * rate * value(row, 9);
            double error = Math.exp(rate) * Math.sqrt(Math.max(0, squares) * good / (good - 1.0)) / tokens;
            return new Figures(
                    row.getString(0),
                    rows,
                    failed,
                    value(row, 3),
                    good < 2 ? null : (Double) (value(row, 4) / Math.sqrt(good)),
                    Math.exp(rate),
                    good < 2 ? null : (Double) error,
                    value(row, 10),
                    value(row, 11));
        }

        private static double value(Row row, int column) {
            return row.isNullAt(column) ? Double.NaN : row.getDouble(column);
        }

        double failedShare() {
            return (double) failed / rows;
        }

        double failedShareError() {
            return Math.sqrt(failedShare() * (1 - failedShare()) / rows);
        }

        List<String> cells() {
            return List.of(
                    name,
                    Markup.count(rows),
                    Markup.count(failed),
                    Markup.number(tokens) + " " + Markup.plusMinus(tokensError),
                    Markup.number(perplexity) + " " + Markup.plusMinus(perplexityError),
                    Markup.number(encoder),
                    Markup.number(feedForward));
        }
    }
}

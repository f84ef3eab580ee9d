package io.spikelet.job.report;

import static io.spikelet.job.report.Markup.Look.KEY;
import static io.spikelet.job.report.Markup.Look.NUMBER;
import static io.spikelet.job.report.Markup.Look.TEXT;
import static j2html.TagCreator.h3;
import static j2html.TagCreator.iff;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.posexplode;
import static org.apache.spark.sql.functions.xxhash64;

import io.spikelet.job.report.Markup.Field;
import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Sections about the texts of completions: lengths, likelihoods, and samples. */
final class CompletionTexts {
    private static final int SHOWN = 8;
    private static final String TITLE = "Likelihood of the completions";

    private final Dataset<Row> sound;
    private final boolean withTexts;

    /** @param withTexts whether prompts and completions may be shown */
    CompletionTexts(Dataset<Row> completions, boolean withTexts) {
        this.sound = completions.where("error_class IS NULL");
        this.withTexts = withTexts;
    }

    Section completions() {
        List<Row> samples = sound.orderBy(xxhash64(col("row_id"), col("sample_index")), col("row_id"))
                .limit(SHOWN)
                .collectAsList();
        if (samples.isEmpty()) {
            return Section.absent("completions", "Completions", "No row was completed.");
        }
        Optional<Chart> lengths = Histogram.of(
                sound,
                col("completion_tokens"),
                concat(lit("ended by "), col("finish_reason")),
                true,
                "Length of the completions.",
                "tokens",
                "completions");
        return Section.of(
                "completions",
                "Completions",
                h3("Some of them, drawn by a hash of the row's id"),
                grid(samples, new Field<>("ended by", KEY, row -> row.getAs("finish_reason"))),
                iff(lengths, Chart::html));
    }

    /** @param perplexity of the completions; empty if none is known */
    Section likelihood(Optional<DomContent> perplexity) {
        if (perplexity.isEmpty()) {
            return Section.absent("positions", TITLE, "No completion has log-probabilities of its tokens.");
        }
        Dataset<Row> tokens = sound.select(posexplode(col("token_logprobs")).as(new String[] {"position", "logprob"}))
                .select(
                        lit("completions").as("series"),
                        col("position").plus(1).as("position"),
                        col("logprob").multiply(-1).as("nll"));
        Optional<Chart> chart = PositionChart.of(
                tokens,
                "Mean negative log-likelihood of a completion's tokens, as the model gives it before temperature and filters",
                "position in the completion, from 1",
                List.of(),
                false);
        return Section.of(
                "positions",
                TITLE,
                perplexity.get(),
                chart.map(Chart::html)
                        .orElseGet(() -> Markup.note("No completion has log-probabilities of two tokens, or the run "
                                + "had --no-token-logprobs: there is no chart by position.")));
    }

    Section documents() {
        Dataset<Row> rated = sound.where(col("completion_tokens").gt(0).and(not(CompletionSections.IS_EMPTY)))
                .withColumn("rate", col("sum_logprob").multiply(-1).divide(col("completion_tokens")))
                .where("rate IS NOT NULL");
        Extremes extremes = Extremes.of(rated, "rate", "row_id", "sample_index");
        if (extremes.most().isEmpty()) {
            return Section.absent(
                    "documents", "Most and least likely completions", "Fewer than two completions have a likelihood.");
        }
        return Section.of(
                "documents",
                "Most and least likely completions",
                h3("Most likely, by nats/token"),
                rated(extremes.least()),
                h3("Least likely"),
                rated(extremes.most()));
    }

    private DomContent rated(List<Row> rows) {
        return grid(rows, new Field<>("nats/token", NUMBER, row -> Markup.number(row.<Double>getAs("rate"))));
    }

    /** Completions with a column of their own; with the number of the sample where rows have several. */
    private DomContent grid(List<Row> rows, Field<Row> own) {
        List<Field<Row>> fields = new ArrayList<>(List.of(
                new Field<>("row", KEY, row -> Markup.excerpt(row.getAs("row_id"))),
                own,
                new Field<>("tokens", NUMBER, row -> Markup.count(row.<Integer>getAs("completion_tokens"))),
                new Field<>("prompt", TEXT, row -> Markup.ends(row.getAs("prompt"))),
                new Field<>("completion", TEXT, row -> Markup.excerpt(row.getAs("completion")))));
        if (rows.stream().anyMatch(row -> row.<Integer>getAs("sample_index") > 0)) {
            fields.add(1, new Field<>("sample", NUMBER, row -> Markup.count(row.<Integer>getAs("sample_index"))));
        }
        return Markup.grid(fields, rows, withTexts);
    }
}

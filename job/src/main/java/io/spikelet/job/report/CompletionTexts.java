package io.spikelet.job.report;

import static io.spikelet.job.report.Markup.Look.KEY;
import static io.spikelet.job.report.Markup.Look.NUMBER;
import static io.spikelet.job.report.Markup.Look.TEXT;
import static j2html.TagCreator.h3;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.posexplode;
import static org.apache.spark.sql.functions.xxhash64;

import io.spikelet.job.report.Markup.Heading;
import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** What there is to say about the texts of completions: how long they are, how likely, and some of them. */
final class CompletionTexts {
    private static final int SHOWN = 8;

    private final Dataset<Row> sound;

    CompletionTexts(Dataset<Row> completions) {
        this.sound = completions.where("error_class IS NULL");
    }

    Section completions() {
        List<DomContent> parts = new ArrayList<>();
        Histogram.of(
                        sound,
                        col("completion_tokens"),
                        concat(lit("ended by "), col("finish_reason")),
                        true,
                        "Length of the completions.",
                        "tokens",
                        "completions")
                .ifPresent(chart -> parts.add(chart.html()));
        if (parts.isEmpty()) {
            return Section.of("completions", "Completions", Markup.note("No row was completed."));
        }
        parts.add(h3("Some of them, drawn by a hash of the row's id"));
        parts.add(Markup.grid(
                List.of(
                        new Heading("row", KEY),
                        new Heading("ended by", KEY),
                        new Heading("tokens", NUMBER),
                        new Heading("prompt", TEXT),
                        new Heading("completion", TEXT)),
                sound
                        .orderBy(xxhash64(col("row_id"), col("sample_index")), col("row_id"))
                        .select("row_id", "finish_reason", "completion_tokens", "prompt", "completion")
                        .limit(SHOWN)
                        .collectAsList()
                        .stream()
                        .map(row -> List.of(
                                Markup.excerpt(row.getString(0)),
                                row.getString(1),
                                Markup.count(row.getInt(2)),
                                Markup.ends(row.getString(3)),
                                Markup.excerpt(row.getString(4))))
                        .toList()));
        return new Section("completions", "Completions", parts);
    }

    Section positions() {
        Dataset<Row> tokens = sound.select(posexplode(col("token_logprobs")).as(new String[] {"position", "logprob"}))
                .select(
                        lit("completions").as("series"),
                        col("position").plus(1).as("position"),
                        col("logprob").multiply(-1).as("nll"));
        return PositionChart.of(
                        tokens,
                        "Mean negative log-likelihood of a completion's tokens, as the model gives it before temperature "
                                + "and filters",
                        "token of the completion, from 1",
                        List.of(),
                        false)
                .map(chart -> Section.of("positions", "NLL by position", chart.html()))
                .orElseGet(() -> Section.of(
                        "positions",
                        "NLL by position",
                        Markup.note(
                                "No completion has log-probabilities of its tokens: none has a token, or the run had "
                                        + "--no-token-logprobs.")));
    }

    Section documents() {
        Dataset<Row> rated = sound.where("completion_tokens > 0")
                .withColumn("rate", col("sum_logprob").multiply(-1).divide(col("completion_tokens")));
        return Section.of(
                "documents",
                "Most and least likely completions",
                h3("Most likely, by negative log-likelihood a token"),
                shown(rated.orderBy(col("rate").asc(), col("row_id"))),
                h3("Least likely"),
                shown(rated.orderBy(col("rate").desc(), col("row_id"))));
    }

    private static DomContent shown(Dataset<Row> rows) {
        return Markup.grid(
                List.of(
                        new Heading("row", KEY),
                        new Heading("nats a token", NUMBER),
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
                                Markup.ends(row.getString(3)),
                                Markup.excerpt(row.getString(4))))
                        .toList());
    }
}

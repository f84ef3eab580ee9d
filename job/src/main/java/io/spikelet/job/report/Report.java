package io.spikelet.job.report;

import static j2html.TagCreator.a;
import static j2html.TagCreator.body;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h1;
import static j2html.TagCreator.head;
import static j2html.TagCreator.html;
import static j2html.TagCreator.main;
import static j2html.TagCreator.meta;
import static j2html.TagCreator.nav;
import static j2html.TagCreator.noscript;
import static j2html.TagCreator.p;
import static j2html.TagCreator.rawHtml;
import static j2html.TagCreator.script;
import static j2html.TagCreator.style;
import static j2html.TagCreator.title;

import io.spikelet.job.UsageException;
import io.spikelet.job.schema.Tables;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** One page of HTML about the runs of a result directory; a browser needs nothing else to show it. */
public final class Report {
    /** What the page may load: nothing but what is in it. */
    private static final String POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'";

    private static final String CHARTING_LIBRARY = "/META-INF/resources/webjars/d3/7.9.0/dist/d3.min.js";

    private Report() {}

    /**
     * Reads the tables and makes the page.
     *
     * @param tables paths by name
     * @param groupBy columns of completions that make groups; empty to find one
     * @throws UsageException if there is nothing to report on, or a column is missing
     */
    public static String of(SparkSession spark, Map<String, String> tables, List<String> groupBy) {
        RunTables results = new RunTables(spark, tables);
        List<Row> runs = results.runs();
        if (runs.isEmpty()) {
            throw new UsageException("there is no table runs beside " + String.join(", ", tables.keySet())
                    + "; give the --output of generate or perplexity");
        }
        List<Section> sections = new ArrayList<>();
        Optional<Dataset<Row>> completions = results.table(Tables.COMPLETIONS);
        Optional<Dataset<Row>> scores = results.table(Tables.DOCUMENT_SCORES);
        CostSections cost = new CostSections(runs.getFirst());
        completions.ifPresent(table -> addCompletions(sections, table, groupBy, cost));
        scores.ifPresent(table -> addEvaluation(sections, table, results, cost));
        if (sections.isEmpty()) {
            throw new UsageException("there is neither a table completions nor document_scores among "
                    + String.join(", ", tables.keySet()) + "; give the --output of generate or perplexity");
        }
        sections.add(ConfigurationSection.of(runs.getFirst()));
        return page(runs, sections);
    }

    private static void addCompletions(
            List<Section> sections, Dataset<Row> table, List<String> groupBy, CostSections cost) {
        CompletionSections own = new CompletionSections(table.cache(), groupBy);
        sections.addAll(List.of(
                own.headline(),
                own.groups(),
                own.positions(),
                own.firing(),
                cost.throughput(),
                cost.stragglers(),
                ErrorSection.of(table),
                own.documents()));
        table.unpersist();
    }

    private static void addEvaluation(
            List<Section> sections, Dataset<Row> table, RunTables results, CostSections cost) {
        EvaluationSections own = new EvaluationSections(
                table.cache(), results.table(Tables.SUMMARY), results.table(Tables.TOKEN_SCORES));
        sections.addAll(List.of(
                own.headline(),
                own.groups(),
                own.positions(),
                own.firing(),
                cost.throughput(),
                cost.stragglers(),
                ErrorSection.of(table),
                own.documents()));
        table.unpersist();
    }

    private static String page(List<Row> runs, List<Section> sections) {
        Row run = runs.getFirst();
        String heading = "spikelet " + run.<String>getAs("command");
        return "<!DOCTYPE html>\n"
                + html(
                                head(
                                        meta().withCharset("utf-8"),
                                        meta().attr("http-equiv", "Content-Security-Policy")
                                                .withContent(POLICY),
                                        meta().withName("viewport").withContent("width=device-width, initial-scale=1"),
                                        title(heading + " " + run.<String>getAs("run_id")),
                                        style(rawHtml(resource("report.css")))),
                                body(
                                        main(
                                                h1(heading),
                                                p(subtitle(run, runs.size())).withClass("faint"),
                                                nav(each(
                                                        sections,
                                                        part -> a(part.title()).withHref("#" + part.id()))),
                                                noscript(p("Charts need JavaScript; the numbers are in the tables.")),
                                                each(sections, Section::html)),
                                        script(rawHtml(resource(CHARTING_LIBRARY))),
                                        script(rawHtml(resource("report.js")))))
                        .attr("lang", "en")
                        .render();
    }

    private static String subtitle(Row run, int runs) {
        String model = run.<String>getAs("model");
        return "Run " + run.<String>getAs("run_id") + ", model "
                + model.substring(model.replaceAll("/+$", "").lastIndexOf('/') + 1)
                + " (" + run.<String>getAs("model_variant") + "), " + Markup.count(run.<Long>getAs("rows"))
                + " rows in "
                + Markup.number(run.<Double>getAs("wall_seconds")) + " s, finished "
                + String.valueOf(run.<Object>getAs("finished_at")).replaceFirst("\\.\\d+", "")
                + (runs > 1 ? "; " + runs + " runs made these tables, this is the last of them" : "") + ".";
    }

    private static String resource(String name) {
        try (InputStream in = Report.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("the job jar has no " + name + "; build it again");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + name, e);
        }
    }
}

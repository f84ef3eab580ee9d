package io.spikelet.job.report;

import static j2html.TagCreator.a;
import static j2html.TagCreator.b;
import static j2html.TagCreator.body;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h1;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.head;
import static j2html.TagCreator.html;
import static j2html.TagCreator.iff;
import static j2html.TagCreator.li;
import static j2html.TagCreator.main;
import static j2html.TagCreator.meta;
import static j2html.TagCreator.nav;
import static j2html.TagCreator.noscript;
import static j2html.TagCreator.p;
import static j2html.TagCreator.rawHtml;
import static j2html.TagCreator.script;
import static j2html.TagCreator.section;
import static j2html.TagCreator.span;
import static j2html.TagCreator.style;
import static j2html.TagCreator.title;
import static j2html.TagCreator.ul;

import io.spikelet.job.UsageException;
import j2html.tags.DomContent;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** One page of HTML about the runs of a result directory; a browser needs nothing else to show it. */
public final class Report {
    /** What the page may load: nothing but what is in it. */
    private static final String POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'";

    private static final String CHARTING_LIBRARY = "/META-INF/resources/webjars/d3/7.9.0/dist/d3.min.js";

    /** Control characters that are no blanks, and halves of surrogate pairs. */
    private static final Pattern NOT_HTML = Pattern.compile("[\\p{Cc}&&[^\\n\\r\\t]]|\\p{Cs}");

    private static final char PICTURES = '\u2400';
    private static final char DELETE = '\u007f';
    private static final char PICTURE_OF_DELETE = '\u2421';
    private static final char REPLACEMENT = '\ufffd';

    private Report() {}

    /** Where texts of documents are found, which the tables do not have. */
    @FunctionalInterface
    public interface Texts {
        /** Shows no text of any kind: no prompt, no completion, no document, no column that passed through. */
        Texts HIDDEN = (run, rows) -> Map.of();

        /**
         * Texts by row id; those that are not found are not there.
         *
         * @param run the record of the run
         * @param rows with row_id and content_sha256
         */
        Map<String, String> of(Row run, List<Row> rows);
    }

    /**
     * Reads the tables and makes the page.
     *
     * @param tables paths by name
     * @param reader opens the table at a path
     * @param groupBy columns of completions or comparisons that make groups; empty to find one
     * @param texts excerpts of documents; {@link Texts#HIDDEN} for a page without any text of the data
     * @throws UsageException if there is nothing to report on, or a column is missing
     */
    public static String of(
            Map<String, String> tables, Function<String, Dataset<Row>> reader, List<String> groupBy, Texts texts) {
        RunTables results = new RunTables(tables, reader);
        List<Row> runs = results.runs();
        List<Row> compared = results.compared();
        if (!runs.isEmpty()) {
            List<Section> sections = NarrativeSections.of(results, runs.getFirst(), groupBy, texts);
            if (sections.isEmpty()) {
                throw new UsageException("there is no table of results among " + String.join(", ", tables.keySet())
                        + "; give the --output of generate, perplexity, choice, compare or compare-runs");
            }
            return page(Title.of(runs.getFirst(), runs.size()), sections);
        }
        if (compared.size() == 2) {
            return page(
                    Title.of(compared.getFirst(), compared.getLast()),
                    NarrativeSections.ofPair(results, compared.getFirst(), compared.getLast(), groupBy, texts));
        }
        throw new UsageException("there is no table runs or compared_runs beside " + String.join(", ", tables.keySet())
                + "; give the --output of generate, perplexity, choice, compare or compare-runs");
    }

    private static String page(Title name, List<Section> all) {
        List<Section> sections = all.stream().filter(part -> !part.isAbsent()).toList();
        return printable("<!DOCTYPE html>\n"
                + html(
                                head(
                                        meta().withCharset("utf-8"),
                                        meta().attr("http-equiv", "Content-Security-Policy")
                                                .withContent(POLICY),
                                        meta().withName("viewport").withContent("width=device-width, initial-scale=1"),
                                        title(name.heading()),
                                        style(rawHtml(resource("report.css")))),
                                body(
                                        main(
                                                h1(name.heading()),
                                                p(name.below()).withClass("faint"),
                                                nav(each(
                                                        sections,
                                                        part -> a(part.title()).withHref("#" + part.id()))),
                                                noscript(p("Charts need JavaScript; the numbers are in the tables.")),
                                                each(sections, Section::html),
                                                absent(all)),
                                        script(rawHtml(resource(CHARTING_LIBRARY))),
                                        script(rawHtml(resource("report.js")))))
                        .attr("lang", "en")
                        .render());
    }

    /** What a reader may miss, and why it is not there; not in the table of contents. */
    private static DomContent absent(List<Section> all) {
        List<Section> absent = all.stream().filter(Section::isAbsent).toList();
        return iff(
                !absent.isEmpty(),
                section(
                                h2("Not on this page"),
                                ul(each(absent, part -> li(b(part.title() + ": "), span(part.absence())))))
                        .withId("absent"));
    }

    /** HTML may not hold control characters; each is replaced by the picture that Unicode has of it. */
    static String printable(String page) {
        return NOT_HTML.matcher(page).replaceAll(found -> {
            char c = found.group().charAt(0);
            return String.valueOf(c < ' ' ? (char) (PICTURES + c) : c == DELETE ? PICTURE_OF_DELETE : REPLACEMENT);
        });
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

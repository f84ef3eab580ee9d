package io.spikelet.job.report;

import static j2html.TagCreator.b;
import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.p;
import static j2html.TagCreator.table;
import static j2html.TagCreator.tbody;
import static j2html.TagCreator.td;
import static j2html.TagCreator.th;
import static j2html.TagCreator.thead;
import static j2html.TagCreator.tr;

import j2html.tags.DomContent;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** The pieces of which sections are made; all text that goes in is escaped. */
final class Markup {
    private static final int EXCERPT_CHARACTERS = 160;

    private Markup() {}

    /** A column of a table by how its cells look. */
    enum Look {
        KEY,
        TEXT,
        NUMBER,
        CODE;

        private String style() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    record Heading(String name, Look look) {}

    static DomContent grid(List<Heading> headings, List<List<String>> rows) {
        return div(table(
                        thead(tr(each(
                                headings,
                                heading -> th(heading.name())
                                        .withClass(heading.look().style())))),
                        tbody(each(
                                rows,
                                row -> tr(each(
                                        IntStream.range(0, row.size()).boxed().toList(),
                                        n -> td(row.get(n))
                                                .withClass(
                                                        headings.get(n).look().style())))))))
                .withClass("scroll");
    }

    /** A number with what it is. */
    static DomContent card(String name, String value, String error) {
        return div(b(value), div(error).withClass("error"), div(name).withClass("name"))
                .withClass("card");
    }

    /** Why there is nothing here. */
    static DomContent note(String reason) {
        return p(reason).withClass("note");
    }

    /** Four significant digits, or all of those before the point. */
    static String number(double value) {
        double size = Math.abs(value);
        if (Double.isNaN(value)) {
            return "–";
        }
        if (size != 0 && (size < 1e-3 || size >= 1e9)) {
            return String.format(Locale.ROOT, "%.3e", value);
        }
        int decimals = size == 0 ? 0 : Math.clamp(3 - (long) Math.floor(Math.log10(size)), 0, 6);
        return String.format(Locale.ROOT, "%,." + decimals + "f", value);
    }

    static String count(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f%%", 100 * share);
    }

    /** As {@code ± e}, or nothing. */
    static String plusMinus(Double error) {
        return error == null || error.isNaN() ? "" : "± " + number(error);
    }

    /** One line of bounded length. */
    static String excerpt(String text) {
        if (text == null) {
            return "";
        }
        String line = text.replaceAll("\\s+", " ").strip();
        return line.codePointCount(0, line.length()) <= EXCERPT_CHARACTERS
                ? line
                : line.substring(0, line.offsetByCodePoints(0, EXCERPT_CHARACTERS - 1)) + "…";
    }
}

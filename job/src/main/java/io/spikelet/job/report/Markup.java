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
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** The pieces of which sections are made; all text that goes in is escaped. */
final class Markup {
    private static final int EXCERPT_CHARACTERS = 160;

    private Markup() {}

    /** A column of a table by how its cells look. */
    enum Look {
        KEY,
        /** Of the data; may be private. */
        TEXT,
        /** Of the program. */
        MESSAGE,
        NUMBER,
        CODE;

        private String style() {
            return this == MESSAGE ? TEXT.style() : name().toLowerCase(Locale.ROOT);
        }
    }

    /** A column of a table: its name, how its cells look, and what they say of a row. */
    record Field<T>(String name, Look look, Function<T, String> text) {}

    /** A table; each cell names its column too, for screens on which there is no room for columns of texts. */
    static <T> DomContent grid(List<Field<T>> fields, Collection<T> rows) {
        boolean hasTexts =
                fields.stream().anyMatch(field -> field.look().style().equals(Look.TEXT.style()));
        return div(table(
                                thead(tr(each(
                                        fields,
                                        field -> th(field.name())
                                                .withClass(field.look().style())))),
                                tbody(each(rows, row -> row(fields, row))))
                        .withCondClass(hasTexts, "texts"))
                .withClass("scroll");
    }

    /** The same without its columns of texts where those are not to be shown, and without columns that have no name. */
    static <T> DomContent grid(List<Field<T>> fields, Collection<T> rows, boolean withTexts) {
        return grid(
                fields.stream()
                        .filter(field -> withTexts || field.look() != Look.TEXT)
                        .filter(field -> !field.name().isEmpty())
                        .toList(),
                rows);
    }

    private static <T> DomContent row(List<Field<T>> fields, T row) {
        return tr(each(
                fields,
                field -> td(field.text().apply(row))
                        .withClass(field.look().style())
                        .attr("data-name", field.name())));
    }

    /** A number with what it is, and lines below it. */
    static DomContent card(String name, String value, String... below) {
        return div(
                        div(name).withClass("name"),
                        b(value),
                        each(
                                Arrays.stream(below)
                                        .filter(line -> !line.isEmpty())
                                        .toList(),
                                line -> div(line).withClass("error")))
                .withClass("card");
    }

    /** A number with its error and interval, if they are known. */
    static DomContent card(String name, Measured number) {
        return card(name, number.text(), number.plusMinus(), interval(number));
    }

    /** How many rows failed, as a share with its standard error. */
    static DomContent failures(long failed, long rows, String what) {
        double share = (double) failed / Math.max(1, rows);
        return card(
                what + " with an error",
                percent(share),
                failed == 0 || failed == rows ? "" : "± " + percent(Math.sqrt(share * (1 - share) / rows)),
                count(failed) + " of " + count(rows));
    }

    /** The interval of a number in words, or nothing. */
    static String interval(Measured number) {
        return number.hasInterval() ? "95%: " + number.interval() : "";
    }

    static DomContent cards(List<DomContent> cards) {
        return div(each(cards, card -> card)).withClass("cards");
    }

    /** Why there is nothing here. */
    static DomContent note(String reason) {
        return p(reason).withClass("note");
    }

    /** Four significant digits, or all of those before the point; a dash for null and NaN. */
    static String number(Double value) {
        return number(value, 4);
    }

    /** As many significant digits, or all of those before the point; a dash for null and NaN. */
    static String number(Double value, int digits) {
        if (value == null || value.isNaN()) {
            return "–";
        }
        double size = Math.abs(value);
        if (size != 0 && (size < 1e-4 || size >= 1e9)) {
            return String.format(Locale.ROOT, "%." + (digits - 1) + "e", value);
        }
        int decimals = size == 0 ? 0 : Math.clamp(digits - 1 - (long) Math.floor(Math.log10(size)), 0, 7);
        return String.format(Locale.ROOT, "%,." + decimals + "f", value);
    }

    /** A small difference: a sign and four decimals; a dash for null. */
    static String difference(Double value) {
        return value == null ? "–" : String.format(Locale.ROOT, "%+.4f", value);
    }

    static String count(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    /** With one decimal; a dash for null. */
    static String percent(Double share) {
        return share == null ? "–" : String.format(Locale.ROOT, "%.1f%%", 100 * share);
    }

    /** A share in per cent, to three significant digits; a dash for null. */
    static String rate(Double percent) {
        return percent == null ? "–" : number(percent, 3) + "%";
    }

    /** One line of bounded length. */
    static String excerpt(String text) {
        String line = line(text);
        return line.codePointCount(0, line.length()) <= EXCERPT_CHARACTERS
                ? line
                : line.substring(0, line.offsetByCodePoints(0, EXCERPT_CHARACTERS - 1)) + "…";
    }

    /** One line of bounded length with both ends of the text. */
    static String ends(String text) {
        String line = line(text);
        int length = line.codePointCount(0, line.length());
        return length <= EXCERPT_CHARACTERS
                ? line
                : line.substring(0, line.offsetByCodePoints(0, EXCERPT_CHARACTERS / 2)) + " … "
                        + line.substring(line.offsetByCodePoints(line.length(), 2 - EXCERPT_CHARACTERS / 2));
    }

    private static String line(String text) {
        return text == null ? "" : text.replaceAll("\\s+", " ").strip();
    }
}

package io.spikelet.job.report;

import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.figcaption;
import static j2html.TagCreator.figure;
import static j2html.TagCreator.i;
import static j2html.TagCreator.rawHtml;
import static j2html.TagCreator.script;
import static j2html.TagCreator.span;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import j2html.tags.DomContent;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** What report.js draws, and from what. */
@JsonInclude(JsonInclude.Include.NON_NULL)
sealed interface Chart {
    /** As many series have a colour of their own. */
    int MOST_SERIES = 8;

    /** The name of the drawing function. */
    String kind();

    /** What is to be seen, in a sentence. */
    String label();

    /** Names of what has colours, if there are several. */
    List<String> legend();

    /** A bar for each name, from zero. */
    record Bars(String kind, String label, List<Bar> bars) implements Chart {
        /** Nothing if there is nothing to compare: one bar, or bars that read the same. */
        static Optional<Chart> of(String label, List<Bar> bars) {
            boolean differ = bars.stream().map(Bar::text).distinct().count() > 1;
            return differ ? Optional.of(new Bars("bars", label, bars)) : Optional.empty();
        }

        @Override
        public List<String> legend() {
            return List.of();
        }
    }

    /** @param text the value for people, with its unit */
    record Bar(String name, double value, String text) {}

    /** For each name a mark or several, with the interval in which it may lie, on one axis. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Intervals(String kind, String label, String x, Reference reference, List<String> legend, List<Marks> rows)
            implements Chart {
        /**
         * @param reference a line across all names; null for none
         * @param legend names of the colours; empty if there is but one
         */
        Intervals(String label, String x, Reference reference, List<String> legend, List<Marks> rows) {
            this("intervals", label, x, reference, legend, rows);
        }
    }

    /**
     * A value to compare others with.
     *
     * @param text what it is, with the value for people
     */
    record Reference(double value, String text) {}

    record Marks(String name, List<Mark> marks) {}

    /**
     * @param series number of its colour
     * @param low lower end of its interval; null for none
     * @param text the value for people
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Mark(int series, double value, Double low, Double high, String text) {}

    /**
     * How many of each series are in each of the bins, which begin at {@code from} and are {@code width} wide.
     *
     * @param whole whether values are whole numbers, so that ticks are
     */
    record Columns(
            String kind,
            String label,
            String x,
            String y,
            boolean whole,
            double from,
            double width,
            List<Counts> series)
            implements Chart {
        Columns(String label, String x, String y, boolean whole, double from, double width, List<Counts> series) {
            this("columns", label, x, y, whole, from, width, series);
        }

        @Override
        public List<String> legend() {
            return series.size() < 2
                    ? List.of()
                    : series.stream().map(Counts::name).toList();
        }
    }

    record Counts(String name, List<Long> counts) {}

    /**
     * Two quantities.
     *
     * @param wholeX whether x is a whole number, so that ticks are
     * @param line what the points are compared with: {@code diagonal}, {@code zero} or {@code none}
     * @param apart whether each series has a panel of its own, on the same axes
     */
    record Plane(
            String kind,
            String label,
            String x,
            String y,
            boolean wholeX,
            boolean fromZero,
            String line,
            boolean apart,
            List<Series> series)
            implements Chart {
        /** Points of a series are joined; series whose bands cover each other get panels of their own. */
        static Plane lines(String label, String x, String y, boolean fromZero, List<Series> series) {
            return new Plane("lines", label, x, y, true, fromZero, "none", Overlap.of(series), series);
        }

        /** Points of a series are joined; they lie about zero, which has a line. */
        static Plane differences(String label, String x, String y, List<Series> series) {
            return new Plane("lines", label, x, y, true, false, "zero", Overlap.of(series), series);
        }

        /** Points stand alone; x is a whole number. */
        static Plane dots(String label, String x, String y, List<Series> series) {
            return new Plane("dots", label, x, y, true, true, "none", false, series);
        }

        /** Points stand alone; where both quantities are equal there is a line. */
        static Plane pairs(String label, String x, String y, List<Series> series) {
            return new Plane("dots", label, x, y, false, false, "diagonal", false, series);
        }

        @Override
        public List<String> legend() {
            return series.size() < 2 || apart
                    ? List.of()
                    : series.stream().map(Series::name).toList();
        }
    }

    /** Points of one colour, by ascending x. */
    record Series(String name, List<Point> points) {}

    /** @param error half the height of the band; null for none */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Point(double x, double y, Double error) {}

    /** The figure: the sentence, the legend, room for the drawing, and the numbers. */
    default DomContent html() {
        return figure(
                        figcaption(
                                span(label() + " "),
                                span(each(
                                                IntStream.range(0, legend().size())
                                                        .boxed()
                                                        .toList(),
                                                n -> span(i().withClass("f" + n), span(legend().get(n)))))
                                        .withClass("legend")),
                        div().withClass("plot"),
                        script(rawHtml(json())).withType("application/json"))
                .withClass("chart");
    }

    /** JSON that cannot end the element that it is in. */
    private String json() {
        try {
            return new ObjectMapper()
                    .writeValueAsString(this)
                    .replace("<", "\\u003c")
                    .replace(">", "\\u003e")
                    .replace("&", "\\u0026");
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a chart is plain values", e);
        }
    }
}

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
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonTypeName;
import com.fasterxml.jackson.databind.ObjectMapper;
import j2html.tags.DomContent;
import java.util.List;
import java.util.Optional;

/** What report.js draws, and from what. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
sealed interface Chart {
    /** As many series have a colour of their own. */
    int MOST_SERIES = 8;

    /** What is to be seen, in a sentence. */
    String label();

    /** Names of what has colours, if there are several. */
    default List<String> legend() {
        return List.of();
    }

    /** A bar for each name, from zero. */
    @JsonTypeName("bars")
    record Bars(String label, List<Bar> bars) implements Chart {
        /** Nothing if there is nothing to compare: one bar, or bars that read the same. */
        static Optional<Chart> of(String label, List<Bar> bars) {
            boolean differ = bars.stream().map(Bar::text).distinct().count() > 1;
            return differ ? Optional.of(new Bars(label, bars)) : Optional.empty();
        }
    }

    /** @param text the value for people, with its unit */
    record Bar(String name, double value, String text) {}

    /**
     * For each name a mark or several, with the interval in which it may lie, on one axis.
     *
     * @param reference a line across all names; null for none
     * @param legend names of the colours; empty if there is but one
     */
    @JsonTypeName("intervals")
    record Intervals(String label, String x, Reference reference, List<String> legend, List<Marks> rows)
            implements Chart {
        public Intervals {
            legend = legend.size() > 1 ? legend : List.of();
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
    record Mark(int series, double value, Double low, Double high, String text) {}

    /**
     * How many of each series are in each of the bins, which begin at {@code from} and are {@code width} wide.
     *
     * @param whole whether values are whole numbers, so that ticks are
     */
    @JsonTypeName("columns")
    record Columns(String label, String x, String y, boolean whole, double from, double width, List<Counts> series)
            implements Chart {
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
     * @param kind {@code lines} or {@code dots}
     * @param wholeX whether x is a whole number, so that ticks are
     * @param line what the points are compared with: {@code diagonal}, {@code zero} or {@code none}
     * @param apart whether each series has a panel of its own, on the same axes
     */
    @JsonTypeInfo(use = JsonTypeInfo.Id.NONE)
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
    record Point(double x, double y, Double error) {}

    /** The figure: the sentence, the legend, room for the drawing, and the numbers. */
    default DomContent html() {
        return figure(
                        figcaption(
                                span(label() + " "),
                                span(each(legend(), (n, name) -> span(i().withClass("f" + n), span(name))))
                                        .withClass("legend")),
                        div().withClass("plot"),
                        script(rawHtml(json())).withType("application/json"))
                .withClass("chart");
    }

    /** JSON that cannot end the element that it is in. */
    private String json() {
        return new ObjectMapper()
                .setDefaultPropertyInclusion(JsonInclude.Include.NON_NULL)
                .valueToTree(this)
                .toString()
                .replace("<", "\\u003c")
                .replace(">", "\\u003e")
                .replace("&", "\\u0026");
    }
}

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
import java.util.stream.IntStream;

/** What report.js draws, and from what. */
@JsonInclude(JsonInclude.Include.NON_NULL)
sealed interface Chart {
    /** As many series have a colour of their own. */
    int MOST_SERIES = 6;

    /** The name of the drawing function. */
    String kind();

    /** What is to be seen, in a sentence. */
    String label();

    /** Names of what has colours, if there are several. */
    List<String> legend();

    /** A bar for each name, from zero. */
    record Bars(String kind, String label, String unit, List<Bar> bars) implements Chart {
        Bars(String label, String unit, List<Bar> bars) {
            this("bars", label, unit, bars);
        }

        @Override
        public List<String> legend() {
            return List.of();
        }
    }

    /** @param error half the length of the error bar; null for none */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Bar(String name, double value, Double error) {}

    /** Two quantities. */
    record Plane(String kind, String label, String x, String y, boolean wholeX, boolean fromZero, List<Series> series)
            implements Chart {
        /** Points of a series are joined. */
        static Plane lines(String label, String x, String y, boolean fromZero, List<Series> series) {
            return new Plane("lines", label, x, y, true, fromZero, series);
        }

        /** Points stand alone. */
        static Plane dots(String label, String x, String y, List<Series> series) {
            return new Plane("dots", label, x, y, true, true, series);
        }

        @Override
        public List<String> legend() {
            return series.size() < 2
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

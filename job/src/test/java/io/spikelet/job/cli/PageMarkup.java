package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The elements of a page, as the tokenizer of a browser finds them: names, attributes, and the text of those whose text is
 * not markup.
 */
final class PageMarkup {
    private static final Set<String> RAW_TEXT =
            Set.of("script", "style", "title", "textarea", "xmp", "iframe", "noembed");

    /** What the pages of reports are made of. */
    private static final Set<String> ELEMENTS = Set.of(
            "html",
            "head",
            "meta",
            "title",
            "style",
            "body",
            "main",
            "h1",
            "h2",
            "h3",
            "p",
            "nav",
            "a",
            "noscript",
            "section",
            "div",
            "b",
            "i",
            "span",
            "ul",
            "li",
            "table",
            "thead",
            "tbody",
            "tr",
            "th",
            "td",
            "figure",
            "figcaption",
            "script");

    private static final Set<String> ATTRIBUTES =
            Set.of("lang", "charset", "http-equiv", "content", "name", "class", "id", "href", "type", "data-name");

    /** A start tag with the text up to its end tag, if that text is not markup. */
    record Element(String name, Map<String, String> attributes, String text) {}

    private final String html;
    private final List<Element> elements = new ArrayList<>();
    private int at;

    private PageMarkup(String html) {
        this.html = html;
    }

    static List<Element> elements(String html) {
        PageMarkup markup = new PageMarkup(html);
        markup.read();
        return markup.elements;
    }

    /**
     * There are only the elements and attributes of a report, links lead into the page itself, and the scripts are its own.
     *
     * @param ownScripts the last scripts of the page; all others are data
     */
    static void requireHarmless(String html, List<String> ownScripts) {
        List<Element> found = elements(html);
        assertThat(found).extracting(Element::name).isSubsetOf(ELEMENTS).contains("html", "section", "table");
        assertThat(found)
                .flatExtracting(element -> element.attributes().keySet())
                .isSubsetOf(ATTRIBUTES);
        assertThat(found)
                .filteredOn(element -> element.attributes().containsKey("href"))
                .isNotEmpty()
                .allMatch(link -> link.attributes().get("href").matches("#[a-z]+"));
        assertThat(found).filteredOn(element -> element.name().equals("style")).hasSize(1);
        assertThat(found).filteredOn(element -> element.name().equals("title")).hasSize(1);
        assertThat(found)
                .filteredOn(element -> element.name().equals("meta"))
                .extracting(element -> element.attributes().getOrDefault("http-equiv", ""))
                .containsExactly("", "Content-Security-Policy", "");
        List<Element> scripts = found.stream()
                .filter(element -> element.name().equals("script"))
                .toList();
        assertThat(scripts.stream()
                        .filter(script ->
                                !"application/json".equals(script.attributes().get("type")))
                        .map(Element::text))
                .containsExactlyElementsOf(ownScripts);
        assertThat(html).startsWith("<!DOCTYPE html>").containsOnlyOnce("<!");
    }

    private void read() {
        while ((at = html.indexOf('<', at)) >= 0) {
            boolean isStart = at + 1 < html.length() && Character.isLetter(html.charAt(at + 1));
            if (isStart) {
                at++;
                element();
            } else {
                at++;
            }
        }
    }

    private void element() {
        String name = until(" \t\n\f\r/>").toLowerCase(Locale.ROOT);
        Map<String, String> attributes = new LinkedHashMap<>();
        skip(" \t\n\f\r/");
        while (at < html.length() && html.charAt(at) != '>') {
            String attribute = html.charAt(at) + untilNext("= \t\n\f\r/>").toLowerCase(Locale.ROOT);
            skip(" \t\n\f\r");
            attributes.putIfAbsent(attribute, at < html.length() && html.charAt(at) == '=' ? value() : "");
            skip(" \t\n\f\r/");
        }
        at++;
        String text = "";
        if (RAW_TEXT.contains(name)) {
            int end = html.toLowerCase(Locale.ROOT).indexOf("</" + name, at);
            assertThat(end).as("the end of " + name).isNotNegative();
            text = html.substring(at, end);
            at = end;
        }
        elements.add(new Element(name, attributes, text));
    }

    private String untilNext(String ends) {
        at++;
        return until(ends);
    }

    private String value() {
        at++;
        skip(" \t\n\f\r");
        char quote = html.charAt(at);
        if (quote != '"' && quote != '\'') {
            return until(" \t\n\f\r>");
        }
        at++;
        String value = until(String.valueOf(quote));
        at++;
        return value;
    }

    private String until(String ends) {
        int from = at;
        while (at < html.length() && ends.indexOf(html.charAt(at)) < 0) {
            at++;
        }
        return html.substring(from, at);
    }

    private void skip(String blanks) {
        while (at < html.length() && blanks.indexOf(html.charAt(at)) >= 0) {
            at++;
        }
    }
}

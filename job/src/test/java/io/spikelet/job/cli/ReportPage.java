package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A page that report has written, as its readers see it. */
record ReportPage(Path file, String html) {
    private static final Pattern CHART =
            Pattern.compile("<script type=\"application/json\">(.*?)</script>", Pattern.DOTALL);
    private static final Pattern CARD = Pattern.compile(
            "<div class=\"card\"><div class=\"name\">(.*?)</div><b>(.*?)</b>((?:<div class=\"error\">.*?</div>)*)</div>");

    /** Notes on the body which labels cover each other, which ticks repeat, and which are fractions of what is whole. */
    private static final String LABELS = """
            <script>
            const faults = [];
            document.querySelectorAll("figure.chart").forEach(figure => {
              const chart = JSON.parse(figure.querySelector("script").textContent);
              const texts = [...figure.querySelectorAll("svg text")].filter(text => text.textContent);
              const boxes = texts.map(text => text.getBoundingClientRect());
              boxes.forEach((box, i) => {
                const plot = texts[i].ownerSVGElement.getBoundingClientRect();
                if (box.left < plot.left - 1 || box.right > plot.right + 1) {
                  faults.push(chart.label + " " + texts[i].textContent + " leaves the chart");
                }
              });
              boxes.forEach((a, i) => boxes.slice(i + 1).forEach((b, j) => {
                const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
                const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
                if (width > 1 && height > 3) {
                  faults.push(chart.label + " " + texts[i].textContent + " covers " + texts[i + 1 + j].textContent);
                }
              }));
              figure.querySelectorAll("g.axis").forEach(axis => {
                const ticks = [...axis.querySelectorAll(".tick text")].map(tick => tick.textContent);
                if (new Set(ticks).size < ticks.length) faults.push(chart.label + " repeats " + ticks);
                const isBottom = axis.getAttribute("transform").startsWith("translate(0,");
                if (isBottom && (chart.whole || chart.wholeX) && ticks.some(tick => tick.includes("."))) {
                  faults.push(chart.label + " has fractions " + ticks);
                }
              });
            });
            document.body.setAttribute("data-faults", faults.join("; "));
            </script>
            """;

    /** Makes the page of some results. */
    static ReportPage of(Path results, String... more) throws IOException {
        Path file = results.resolveSibling(results.getFileName() + "-report.html");
        List<Object> arguments = new ArrayList<>(List.of("report", results, "-o", file));
        arguments.addAll(List.of(more));
        Invocation invocation = Invocation.of(arguments.toArray());
        assertThat(invocation.status()).as(invocation.err()).isZero();
        return new ReportPage(file, Files.readString(file));
    }

    List<String> headings() {
        return found("<h2>(.*?)</h2>")
                .map(name -> name.startsWith("By ") ? "By group" : name)
                .toList();
    }

    /** What stands under a heading, down to the next. */
    String section(String id) {
        Matcher section = Pattern.compile("<section id=\"" + id + "\">(.*?)</section>", Pattern.DOTALL)
                .matcher(html);
        assertThat(section.find()).as("section " + id).isTrue();
        return section.group(1);
    }

    /** Value and lines of each card by its name; of the first one where there are several of a name. */
    Map<String, String> cards() {
        Map<String, String> cards = new LinkedHashMap<>();
        for (Matcher card = CARD.matcher(html); card.find(); ) {
            cards.putIfAbsent(
                    card.group(1),
                    (card.group(2) + " " + card.group(3).replaceAll("<[^>]*>", " "))
                            .replaceAll("\\s+", " ")
                            .strip());
        }
        return cards;
    }

    /** Cells of the rows of a section's tables, without their headings. */
    List<List<String>> rows(String id) {
        return Pattern.compile("<tr>(<td.*?)</tr>", Pattern.DOTALL)
                .matcher(section(id))
                .results()
                .map(row -> Arrays.stream(row.group(1).split("</td>"))
                        .map(cell -> cell.replaceAll("<[^>]*>", ""))
                        .toList())
                .toList();
    }

    List<JsonNode> charts() {
        return charts(html);
    }

    List<JsonNode> chartsOf(String id) {
        return charts(section(id));
    }

    private static List<JsonNode> charts(String html) {
        List<JsonNode> charts = new ArrayList<>();
        try {
            for (Matcher chart = CHART.matcher(html); chart.find(); ) {
                charts.add(new ObjectMapper().readTree(chart.group(1)));
            }
        } catch (JsonProcessingException e) {
            throw new AssertionError("a chart is not JSON", e);
        }
        return charts;
    }

    private Stream<String> found(String pattern) {
        return Pattern.compile(pattern).matcher(html).results().map(match -> match.group(1));
    }

    /** No chart is empty. */
    void requireDrawable() {
        assertThat(charts()).allSatisfy(chart -> {
            String members = switch (chart.get("kind").asText()) {
                case "bars" -> "bars";
                case "intervals" -> "rows";
                default -> "series";
            };
            assertThat(chart.get(members)).isNotEmpty();
            chart.get(members).forEach(member -> {
                String inner = Stream.of("marks", "points", "counts")
                        .filter(member::has)
                        .findFirst()
                        .orElse(null);
                assertThat(inner == null || !member.get(inner).isEmpty()).isTrue();
            });
        });
    }

    /** Nothing is loaded, and a browser would refuse to; names of XML namespaces are no addresses. */
    void requireSelfContained() {
        assertThat(html)
                .contains("Content-Security-Policy\" content=\"default-src &#x27;none&#x27;")
                .doesNotContain("@import", "url(", "<link", "<iframe", "<object", "<embed");
        String markup = html.replaceAll("(?s)<script.*?</script>", "");
        assertThat(Pattern.compile("<[^>]*\\s(src|srcset|action|data|poster)\\s*=")
                        .matcher(markup)
                        .find())
                .isFalse();
        assertThat(Pattern.compile("href=\"(?!#)").matcher(markup).find()).isFalse();
        assertThat(Pattern.compile("https?://[^\\s\"'`)]+")
                        .matcher(html)
                        .results()
                        .map(MatchResult::group))
                .allMatch(address -> address.startsWith("http://www.w3.org/") || address.equals("https://d3js.org"));
    }

    /** Every figure has its drawing, and no part of one lies outside of it; nothing is asserted where no browser is. */
    void requireDrawnByABrowser(Path folder) throws IOException, InterruptedException {
        Optional<Path> browser = browser();
        assumeTrue(browser.isPresent(), "no Chromium here: the drawing itself is not looked at");
        for (int width : new int[] {1280, 520, 390}) {
            String drawn = drawn(browser.orElseThrow(), width, folder);
            List<String> drawings = Pattern.compile("<div class=\"plot\"><svg ([^>]*)>(.*?)</svg>", Pattern.DOTALL)
                    .matcher(drawn)
                    .results()
                    .map(svg -> svg.group(1) + ">" + svg.group(2))
                    .toList();
            assertThat(drawings).isNotEmpty().hasSize(charts().size());
            assertThat(Pattern.compile("<body data-faults=\"(.*?)\"")
                            .matcher(drawn)
                            .results())
                    .as("labels at " + width + " pixels")
                    .singleElement()
                    .satisfies(faults -> assertThat(faults.group(1)).isEmpty());
            assertThat(drawings).allSatisfy(ReportPage::requireInside);
        }
    }

    private static Optional<Path> browser() {
        return Stream.concat(
                        Optional.ofNullable(System.getenv("CHROME_PATH")).stream(),
                        Stream.of("/usr/bin/chromium", "/usr/bin/google-chrome", "/usr/bin/chromium-browser"))
                .map(Path::of)
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** What a browser makes of a page; nothing where there is none. */
    static Optional<String> inABrowser(String html, Path folder) throws IOException, InterruptedException {
        Path page = Files.writeString(folder.resolve("in-a-browser.html"), html);
        Optional<Path> browser = browser();
        return browser.isEmpty() ? Optional.empty() : Optional.of(dom(browser.get(), 1280, page, folder));
    }

    /** The page as a browser draws it in a width, which its window may not be able to have, and what is wrong with its labels. */
    private String drawn(Path browser, int width, Path folder) throws IOException, InterruptedException {
        Path looked = Files.writeString(
                folder.resolve("looked-at.html"),
                html.replace("</head>", "<style>html { width: " + width + "px; }</style></head>")
                        .replace("</body>", LABELS + "</body>"));
        return dom(browser, width, looked, folder);
    }

    private static String dom(Path browser, int width, Path page, Path folder)
            throws IOException, InterruptedException {
        Path dom = folder.resolve("dom.html");
        Process process = new ProcessBuilder(
                        browser.toString(),
                        "--headless=new",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--window-size=" + width + ",900",
                        "--user-data-dir=" + folder.resolve("browser"),
                        "--dump-dom",
                        page.toUri().toString())
                .redirectOutput(dom.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly().waitFor();
        }
        return Files.readString(dom, StandardCharsets.UTF_8);
    }

    /** Marks, bars and columns are within the picture, whose size is in its view box. */
    private static void requireInside(String svg) {
        Matcher box = Pattern.compile("viewBox=\"0 0 ([\\d.]+) ([\\d.]+)\"").matcher(svg);
        assertThat(box.find()).isTrue();
        double width = Double.parseDouble(box.group(1));
        double height = Double.parseDouble(box.group(2));
        assertThat(svg).doesNotContain("NaN").doesNotContain("undefined");
        List<MatchResult> shapes = Pattern.compile("<(circle|rect|path)\\b[^>]*>")
                .matcher(svg)
                .results()
                .toList();
        assertThat(shapes).isNotEmpty();
        for (MatchResult shape : shapes) {
            double x = attribute(shape.group(), "c?x");
            assertThat(x).as(shape.group()).isBetween(-1.0, width + 1);
            assertThat(x + attribute(shape.group(), "width")).as(shape.group()).isBetween(-1.0, width + 1);
            double y = attribute(shape.group(), "c?y");
            assertThat(y).as(shape.group()).isBetween(-1.0, height + 1);
            assertThat(y + attribute(shape.group(), "height")).as(shape.group()).isBetween(-1.0, height + 1);
        }
    }

    /** Zero if there is none. */
    private static double attribute(String element, String name) {
        Matcher value = Pattern.compile(" " + name + "=\"(-?[\\d.e-]+)\"").matcher(element);
        return value.find() ? Double.parseDouble(value.group(1)) : 0;
    }
}

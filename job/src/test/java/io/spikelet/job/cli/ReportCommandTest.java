package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.spikelet.job.SparkTest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The page of a run with three groups and 5% errors. */
final class ReportCommandTest extends SparkTest {
    private static final String[] GROUPS = {"sea", "law", "<i>scripture</i>"};
    private static final String HOSTILE = "</script><script>alert('x')</script><img src=x onerror=alert(1)>";
    private static final Pattern CHART =
            Pattern.compile("<script type=\"application/json\">(.*?)</script>", Pattern.DOTALL);

    @Test
    void completionsAreToldInAllSectionsAndNoRequestLeavesThePage() throws Exception {
        Path output = folder.resolve("out");
        run("generate", "prompt", output, "--max-new-tokens", "4", "--slice-rows", "20", "--partitions", "2");

        String page = report(output);

        assertThat(headings(page))
                .containsExactly(
                        "Headline numbers",
                        "By group",
                        "NLL by position",
                        "Firing rates",
                        "Throughput",
                        "Stragglers",
                        "Errors by class",
                        "Most and least likely completions",
                        "Configuration");
        assertThat(page).contains("5.0%", "3 rows, ± ", "the text is null", "max-new-tokens", "--emit-tokens");
        assertThat(page)
                .contains("&lt;i&gt;scripture&lt;/i&gt;")
                .doesNotContain("<i>scripture", "<img", "<script>alert");
        assertThat(charts(page)).hasSizeGreaterThanOrEqualTo(6).allSatisfy(ReportCommandTest::requireDrawable);
        requireSelfContained(page);
        requireDrawnByABrowser(page);
    }

    @Test
    void scoresAreToldInAllSections() throws Exception {
        Path output = folder.resolve("out");
        run("perplexity", "text", output, "--group-by", "group", "--emit-tokens", "--partitions", "2");

        String page = report(output);

        assertThat(headings(page))
                .containsExactly(
                        "Headline numbers",
                        "By group",
                        "NLL by position",
                        "Firing rates by layer",
                        "Throughput",
                        "Stragglers",
                        "Errors by class",
                        "Best and worst documents",
                        "Configuration");
        assertThat(page).doesNotContain("class=\"note\">There is no table token_scores");
        assertThat(charts(page)).hasSize(7).allSatisfy(ReportCommandTest::requireDrawable);
        JsonNode groups = charts(page).getFirst();
        assertThat(groups.get("bars")).hasSize(3).allSatisfy(bar -> {
            assertThat(bar.get("value").asDouble()).isGreaterThan(1);
            assertThat(bar.get("error").asDouble()).isPositive();
        });
        requireSelfContained(page);
        requireDrawnByABrowser(page);
    }

    @Test
    void whatATableLacksIsSaidInItsSection() throws Exception {
        Path output = folder.resolve("out");
        run("perplexity", "text", output);

        String page = report(output);

        assertThat(page)
                .contains("There is no table token_scores: the run had no --emit-tokens.")
                .contains("The run had no --group-by.");
    }

    @Test
    void groupsOfCompletionsCanBeNamed() throws Exception {
        Path output = folder.resolve("out");
        run("generate", "prompt", output, "--max-new-tokens", "1");

        assertThat(report(output, "--group-by", "kind")).contains("<h2>By kind</h2>", "kind 1");
        Invocation wrong = Invocation.of("report", output, "-o", folder.resolve("r.html"), "--group-by", "colour");
        assertThat(wrong.status()).isEqualTo(ExitStatus.BAD_INPUT);
        assertThat(wrong.err()).contains("--group-by colour is no column of the table");
    }

    @Test
    void aFolderWithoutTablesIsRefusedAndNothingWritten() throws Exception {
        Path file = folder.resolve("report.html");

        Invocation report = Invocation.of("report", Files.createDirectory(folder.resolve("empty")), "-o", file);

        assertThat(report.status()).isEqualTo(ExitStatus.BAD_INPUT);
        assertThat(report.err()).contains("holds no tables");
        assertThat(file).doesNotExist();
    }

    private void run(String command, String column, Path output, String... more) throws Exception {
        List<Object> arguments =
                new ArrayList<>(List.of(command, "--model", model(), "--input", input(column), "--output", output));
        arguments.addAll(List.of(more));
        Invocation invocation = Invocation.of(arguments.toArray());
        assertThat(invocation.status()).as(invocation.err()).isZero();
    }

    private String report(Path output, String... more) throws Exception {
        Path file = folder.resolve("report.html");
        List<Object> arguments = new ArrayList<>(List.of("report", output, "-o", file));
        arguments.addAll(List.of(more));
        Invocation invocation = Invocation.of(arguments.toArray());
        assertThat(invocation.status()).as(invocation.err()).isZero();
        return Files.readString(file);
    }

    /** 60 rows, of which 3 are no good; one would be a script if it were not escaped. */
    private Path input(String column) throws Exception {
        ObjectMapper json = new ObjectMapper();
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            String text =
                    i == 4 ? HOSTILE : i % 20 == 7 ? null : "And the LORD said unto Moses " + "and ".repeat(i % 9);
            lines.add(json.writeValueAsString(json.createObjectNode()
                    .put("id", "row-" + i + (i == 5 ? HOSTILE : ""))
                    .put("group", GROUPS[i % 3])
                    .put("kind", "kind " + i % 2)
                    .put(column, text)));
        }
        return write("in.jsonl", lines.toArray(String[]::new));
    }

    private static List<String> headings(String page) {
        return Pattern.compile("<h2>(.*?)</h2>")
                .matcher(page)
                .results()
                .map(found -> found.group(1).startsWith("By ") ? "By group" : found.group(1))
                .toList();
    }

    private static List<JsonNode> charts(String page) throws Exception {
        List<JsonNode> charts = new ArrayList<>();
        for (Matcher chart = CHART.matcher(page); chart.find(); ) {
            charts.add(new ObjectMapper().readTree(chart.group(1)));
        }
        return charts;
    }

    private static void requireDrawable(JsonNode chart) {
        if (chart.get("kind").asText().equals("bars")) {
            assertThat(chart.get("bars")).isNotEmpty();
        } else {
            assertThat(chart.get("series"))
                    .isNotEmpty()
                    .allSatisfy(series -> assertThat(series.get("points")).isNotEmpty());
        }
    }

    /** Nothing is loaded, and a browser would refuse to; names of XML namespaces are no addresses. */
    private static void requireSelfContained(String page) {
        assertThat(page)
                .contains("Content-Security-Policy\" content=\"default-src &#x27;none&#x27;")
                .doesNotContain("@import", "url(", "<link", "<iframe", "<object", "<embed");
        String markup = page.replaceAll("(?s)<script.*?</script>", "");
        assertThat(Pattern.compile("<[^>]*\\s(src|srcset|action|data|poster)\\s*=")
                        .matcher(markup)
                        .find())
                .isFalse();
        assertThat(Pattern.compile("href=\"(?!#)").matcher(markup).find()).isFalse();
        assertThat(Pattern.compile("https?://[^\\s\"'`)]+")
                        .matcher(page)
                        .results()
                        .map(found -> found.group()))
                .allMatch(address -> address.startsWith("http://www.w3.org/") || address.equals("https://d3js.org"));
    }

    /** Where there is a browser: every figure has its drawing. */
    private void requireDrawnByABrowser(String page) throws Exception {
        Optional<Path> browser = Stream.of("chromium", "google-chrome", "chromium-browser")
                .map(name -> Path.of("/usr/bin", name))
                .filter(Files::isExecutable)
                .findFirst();
        assumeTrue(browser.isPresent(), "no Chromium here: the drawing itself is not looked at");
        Path dom = folder.resolve("dom.html");
        Process process = new ProcessBuilder(
                        browser.orElseThrow().toString(),
                        "--headless=new",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--user-data-dir=" + folder.resolve("browser"),
                        "--dump-dom",
                        folder.resolve("report.html").toUri().toString())
                .redirectOutput(dom.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly().waitFor();
        }
        String drawn = Files.readString(dom, StandardCharsets.UTF_8);
        int figures = charts(page).size();
        assertThat(Pattern.compile("<div class=\"plot\"><svg [^>]*role=\"img\"[^>]*>")
                        .matcher(drawn)
                        .results())
                .hasSize(figures);
        assertThat(Pattern.compile("<div class=\"plot\"><svg [^>]*></svg>")
                        .matcher(drawn)
                        .find())
                .isFalse();
        assertThat(Pattern.compile(" (d|x|y|cx|cy|width|transform)=\"[^\"]*NaN")
                        .matcher(drawn)
                        .find())
                .isFalse();
    }
}

package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.spikelet.job.SparkTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.Test;

/** The pages of runs of generate and perplexity with three groups and 5% errors. */
final class ReportCommandTest extends SparkTest {
    private static final String[] GROUPS = {"sea", "law", "<i>scripture</i>"};
    private static final String HOSTILE = "</script><script>alert('x')</script><img src=x onerror=alert(1)>";

    @Test
    void completionsAreToldInAllSectionsAndNoRequestLeavesThePage() throws Exception {
        Path output = folder.resolve("out");
        run("generate", "prompt", output, "--max-new-tokens", "4", "--partitions", "2");

        ReportPage page = ReportPage.of(output);

        assertThat(page.headings())
                .containsExactly(
                        "Headline numbers",
                        "Completions",
                        "Errors by class",
                        "By group",
                        "Likelihood of the completions",
                        "Most and least likely completions",
                        "Firing rates",
                        "Throughput",
                        "Configuration",
                        "Not on this page");
        assertThat(page.section("absent")).contains("Stragglers");
        assertThat(page.html()).doesNotContain("href=\"#stragglers\"", "href=\"#absent\"");
        assertThat(page.cards()).containsEntry("rows with an error", "5.0% ± 2.8% 3 of 60");
        assertThat(page.section("errors")).contains("null_input", "the text is null", "row-7");
        assertThat(page.section("configuration")).contains("max-new-tokens", "result_digest", "kernels");
        assertThat(page.html())
                .contains("&lt;i&gt;scripture&lt;/i&gt;")
                .doesNotContain("<i>scripture", "<img", "<script>alert");
        page.requireDrawable();
        page.requireSelfContained();
        page.requireDrawnByABrowser(folder);
    }

    @Test
    void numbersOfCompletionsAreThoseOfTheTable() throws Exception {
        Path output = folder.resolve("out");
        run("generate", "prompt", output, "--max-new-tokens", "4");

        ReportPage page = ReportPage.of(output);

        List<Row> sound =
                table(output, "completions").where("error_class IS NULL").collectAsList();
        double nll = 0;
        double tokens = 0;
        double firstNll = 0;
        long cutOff = 0;
        for (Row row : sound) {
            nll -= row.<Double>getAs("sum_logprob");
            tokens += row.<Integer>getAs("completion_tokens");
            firstNll -= row.<Float>getList(row.fieldIndex("token_logprobs")).getFirst();
            cutOff += row.getAs("finish_reason").equals("length") ? 1 : 0;
        }
        double[] residuals = new double[sound.size()];
        for (int i = 0; i < residuals.length; i++) {
            residuals[i] = -sound.get(i).<Double>getAs("sum_logprob")
                    - nll / tokens * sound.get(i).<Integer>getAs("completion_tokens");
        }
        double squares = 0;
        for (double residual : residuals) {
            squares += residual * residual;
        }
        double error = Math.exp(nll / tokens) * Math.sqrt(squares * sound.size() / (sound.size() - 1.0)) / tokens;
        assertThat(first(page.cards().get("perplexity of its own text")))
                .isCloseTo(Math.exp(nll / tokens), within(error / 10));
        assertThat(second(page.cards().get("perplexity of its own text"))).isCloseTo(error, within(error / 10));
        assertThat(sound).hasSize(57);
        assertThat(page.chartsOf("completions")).as("lengths, which are equal").isEmpty();
        assertThat(page.cards().get("ended by length")).endsWith(" " + cutOff + " completions");
        assertThat(page.rows("completions")).hasSize(8);
        JsonNode firstToken = page.chartsOf("positions")
                .getFirst()
                .get("series")
                .get(0)
                .get("points")
                .get(0);
        assertThat(firstToken.get("x").asDouble()).isEqualTo(1);
        assertThat(firstToken.get("y").asDouble()).isCloseTo(firstNll / sound.size(), within(1e-5));
    }

    @Test
    void scoresAreToldInAllSections() throws Exception {
        Path output = folder.resolve("out");
        run("perplexity", "text", output, "--group-by", "group", "--emit-tokens", "--partitions", "2");

        ReportPage page = ReportPage.of(output);

        assertThat(page.headings())
                .containsExactly(
                        "Headline numbers",
                        "Errors by class",
                        "By group",
                        "Best and worst documents",
                        "NLL by position",
                        "Firing rates by layer",
                        "Throughput",
                        "Configuration",
                        "Not on this page");
        assertThat(page.section("documents")).as("excerpts").contains("And the LORD said unto Moses and");
        assertThat(page.cards())
                .containsEntry("documents", "60")
                .containsEntry("documents with an error", "5.0% ± 2.8% 3 of 60");
        assertThat(page.html()).doesNotContain("There is no table token_scores", "<img", "<script>alert");
        Row worst = table(output, "document_scores")
                .where("error_class IS NULL")
                .selectExpr("row_id", "nll / scored_tokens AS rate")
                .orderBy(functions.col("rate").desc())
                .head();
        assertThat(page.rows("documents").get(8).getFirst()).isEqualTo(worst.getString(0));
        assertThat(Double.parseDouble(page.rows("documents").get(8).get(1)))
                .isCloseTo(worst.getDouble(1), within(1e-3));
        assertThat(page.rows("firing")).hasSize(4);
        page.requireDrawable();
        page.requireSelfContained();
        page.requireDrawnByABrowser(folder);
    }

    @Test
    void groupsAreDrawnWithTheIntervalsOfTheBootstrap() throws Exception {
        Path output = folder.resolve("out");
        run("perplexity", "text", output, "--group-by", "group", "--protocol", "block,document");

        ReportPage page = ReportPage.of(output);

        JsonNode chart = page.chartsOf("groups").getFirst();
        assertThat(chart.get("label").asText()).contains("intervals of 95%, by the bootstrap");
        assertThat(chart.get("legend").toString()).isEqualTo("[\"block\",\"document\"]");
        List<Row> groups = table(output, "summary")
                .where("level = 'group'")
                .orderBy("group", "protocol")
                .collectAsList();
        assertThat(chart.get("rows")).hasSize(3);
        for (int i = 0; i < groups.size(); i++) {
            JsonNode mark = chart.get("rows").get(i / 2).get("marks").get(i % 2);
            assertThat(mark.get("series").asInt()).isEqualTo(i % 2);
            assertThat(mark.get("value").asDouble()).isEqualTo(groups.get(i).<Double>getAs("perplexity"));
            assertThat(mark.get("low").asDouble()).isEqualTo(groups.get(i).<Double>getAs("perplexity_low"));
            assertThat(mark.get("high").asDouble()).isEqualTo(groups.get(i).<Double>getAs("perplexity_high"));
        }
        Row all = table(output, "summary")
                .where("level = 'micro' AND protocol = 'block'")
                .head();
        assertThat(page.cards().get("perplexity")).contains(" 95%: ");
        assertThat(first(page.cards().get("perplexity")))
                .isCloseTo(all.<Double>getAs("perplexity"), within(all.<Double>getAs("standard_error") / 10));
        assertThat(page.rows("groups")).hasSize(8).allMatch(row -> row.get(5).contains(" to "));
    }

    @Test
    void withoutABootstrapGroupsAreDrawnWithTheirStandardErrors() throws Exception {
        Path output = folder.resolve("out");
        run("perplexity", "text", output, "--group-by", "group", "--bootstrap", "0");

        ReportPage page = ReportPage.of(output);

        JsonNode chart = page.chartsOf("groups").getFirst();
        assertThat(chart.get("label").asText()).contains("± one standard error").doesNotContain("95%");
        Row law = table(output, "summary")
                .where("level = 'group' AND group = 'law'")
                .head();
        JsonNode mark = chart.get("rows").get(1).get("marks").get(0);
        assertThat(mark.get("low").asDouble())
                .isCloseTo(law.<Double>getAs("perplexity") - law.<Double>getAs("standard_error"), within(1e-9));
        assertThat(page.cards().get("perplexity")).contains("±").doesNotContain("95%");
    }

    @Test
    void whatATableLacksIsSaidInItsSection() throws Exception {
        Path output = folder.resolve("out");
        run("perplexity", "text", output);

        ReportPage page = ReportPage.of(output);

        assertThat(page.html())
                .contains("There is no table token_scores: the run had no --emit-tokens.")
                .contains("The run had no --group-by.");
        Invocation grouped = Invocation.of("report", output, "-o", folder.resolve("r.html"), "--group-by", "kind");
        assertThat(grouped.status()).isEqualTo(ExitStatus.BAD_INPUT);
        assertThat(grouped.err()).contains("--group-by is for completions and compared documents");
    }

    @Test
    void groupsOfCompletionsCanBeNamed() throws Exception {
        Path output = folder.resolve("out");
        run("generate", "prompt", output, "--max-new-tokens", "1", "--no-token-logprobs");

        ReportPage page = ReportPage.of(output, "--group-by", "kind");

        assertThat(page.html()).contains("<h2>By kind</h2>", "kind 1");
        assertThat(page.section("positions")).contains("--no-token-logprobs");
        assertThat(page.chartsOf("completions")).as("lengths, which are equal").isEmpty();
        assertThat(page.section("completions")).contains("unto Moses");
        assertThat(ReportPage.of(output, "--group-by", "kind", "--no-texts").html())
                .contains("<h2>Completions</h2>", "row-1", "the text is null")
                .doesNotContain("unto Moses", "alert(");
        Invocation wrong = Invocation.of("report", output, "-o", folder.resolve("r.html"), "--group-by", "colour");
        assertThat(wrong.status()).isEqualTo(ExitStatus.BAD_INPUT);
        assertThat(wrong.err()).contains("--group-by colour is no column of the table");
    }

    @Test
    void aRowThatFailedIsShownOnceWithWhatPassedThrough() throws Exception {
        Path input = write(
                "in.jsonl",
                "{\"id\": \"a\", \"who\": \"the king\", \"place\": \"in the city\"}",
                "{\"id\": \"b\", \"who\": null, \"place\": \"upon the sea\"}");
        Path output = folder.resolve("out");
        Invocation run = Invocation.of(
                "generate",
                "--model",
                model(),
                "--input",
                input,
                "--output",
                output,
                "--template",
                "{place} {who}",
                "--samples",
                "2",
                "--max-new-tokens",
                "1");
        assertThat(run.status()).as(run.err()).isZero();

        assertThat(ReportPage.of(output).rows("errors"))
                .containsExactly(List.of("b", "column who of the template is null", "upon the sea / (null)"));
    }

    /** In a table of scores, prompt is no column of its own. */
    @Test
    void aColumnOfTheInputMayBeCalledPromptAndHoldNumbers() throws Exception {
        Path input = write(
                "in.jsonl",
                "{\"id\": \"a\", \"text\": null, \"prompt\": 7}",
                "{\"id\": \"b\", \"text\": \"And the LORD said\", \"prompt\": 8}");
        Path output = folder.resolve("out");
        Invocation run = Invocation.of(
                "perplexity", "--model", model(), "--input", input, "--output", output, "--bootstrap", "0");
        assertThat(run.status()).as(run.err()).isZero();

        assertThat(ReportPage.of(output).rows("errors"))
                .singleElement()
                .asList()
                .contains("a", "7");
    }

    @Test
    void resultsThatDoNotExistAreRefusedByName() {
        Path none = folder.resolve("none");

        Invocation report = Invocation.of("report", none, "-o", folder.resolve("report.html"));

        assertThat(report.status()).isEqualTo(ExitStatus.BAD_INPUT);
        assertThat(report.err())
                .startsWith("spikelet: " + none + " does not exist; give the --output of an earlier run");
    }

    @Test
    void aFolderWithoutTablesIsRefusedAndNothingWritten() throws Exception {
        Path file = folder.resolve("report.html");

        Invocation report = Invocation.of("report", Files.createDirectory(folder.resolve("empty")), "-o", file);

        assertThat(report.status()).isEqualTo(ExitStatus.BAD_INPUT);
        assertThat(report.err()).contains("holds no tables");
        assertThat(file).doesNotExist();
    }

    @Test
    void damagedTablesAreRefusedInALineThatNamesThem() throws Exception {
        Path output = folder.resolve("out");
        Path page = folder.resolve("page.html");
        spark.sql("SELECT 'r' AS run_id, '{' AS configuration, current_timestamp() AS finished_at")
                .write()
                .parquet(output.resolve("runs").toString());
        spark.sql("SELECT 'a' AS row_id")
                .write()
                .parquet(output.resolve("completions").toString());

        refused(output, page, "table runs", "no column command", "--output of a run as it is");
        Files.walk(output.resolve("runs")).filter(Files::isRegularFile).forEach(file -> {
            try {
                Files.write(file, "PAR1 no more PAR1".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            } catch (java.io.IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        refused(output, page, "cannot report on " + output, "damaged");
        assertThat(page).doesNotExist();
    }

    @Test
    void controlCharactersDoNotReachThePage() throws Exception {
        Path output = folder.resolve("out");
        write(
                "in.jsonl",
                "{\"id\": \"a\\u001b[2J\\u0000\\u0007b\", \"prompt\": \"x\\u001b\\u0000\\u009b\\u007fy\"}",
                "{\"id\": \"c\", \"prompt\": null}");
        Invocation run = Invocation.of(
                "generate",
                "--model",
                model(),
                "--input",
                folder.resolve("in.jsonl"),
                "--output",
                output,
                "--max-new-tokens",
                "1",
                "--max-errors",
                "1");
        assertThat(run.status()).as(run.err()).isZero();

        String html = ReportPage.of(output).html();

        assertThat(html.chars().filter(c -> Character.isISOControl(c) && c != '\n' && c != '\r' && c != '\t'))
                .isEmpty();
        assertThat(html).contains("a\u241b[2J\u2400\u2407b");
    }

    private static void refused(Path output, Path page, String... parts) {
        Invocation report = Invocation.of("report", output, "-o", page);

        assertThat(report.status()).isEqualTo(ExitStatus.BAD_INPUT);
        assertThat(report.err().lines()).hasSize(1);
        assertThat(report.err()).contains(parts);
    }

    private void run(String command, String column, Path output, String... more) throws Exception {
        List<Object> arguments =
                new ArrayList<>(List.of(command, "--model", model(), "--input", input(column), "--output", output));
        arguments.addAll(List.of(more));
        Invocation invocation = Invocation.of(arguments.toArray());
        assertThat(invocation.status()).as(invocation.err()).isZero();
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

    private static double first(String card) {
        return Double.parseDouble(card.split(" ")[0]);
    }

    /** The number after ±. */
    private static double second(String card) {
        return Double.parseDouble(card.split(" ")[2]);
    }
}

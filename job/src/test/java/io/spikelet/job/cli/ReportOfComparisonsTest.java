package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.spikelet.job.SparkTest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The pages of multiple choice, of compare and of compare-runs, with three groups and 5% errors. */
final class ReportOfComparisonsTest extends SparkTest {
    private static final String HOSTILE = "</script><script>alert('x')</script><img src=x onerror=alert(1)>";
    private static final String[] GROUPS = {"sea", "law", "scripture"};
    private static final String[] TEXTS = {
        "The whale rose, and the boats were lowered into the sea.",
        "I recommend the subject to the early attention of Congress.",
        "And God said, Let there be light: and there was light."
    };

    @Test
    void choicesAreToldWithTheirAccuraciesAndWorstAnswers() throws Exception {
        Path output = folder.resolve("out");
        run("choice", items(), output, "--task", "arc_easy", "--group-by", "group");

        ReportPage page = ReportPage.of(output);

        assertThat(page.headings())
                .containsExactly(
                        "Headline numbers",
                        "Errors by class",
                        "By group",
                        "Answers",
                        "Wrong and right with most confidence",
                        "Throughput",
                        "Configuration",
                        "Not on this page");
        Row all = table(output, "choice_summary").where("level = 'micro'").head();
        assertPercent(page.cards().get("acc"), all.getAs("acc"), all.getAs("acc_stderr"));
        assertPercent(page.cards().get("acc_norm"), all.getAs("acc_norm"), all.getAs("acc_norm_stderr"));
        assertPercent(page.cards().get("acc_bytes"), all.getAs("acc_bytes"), all.getAs("acc_bytes_stderr"));
        assertThat(page.cards())
                .containsEntry("by chance", "33.3% a choice at random")
                .containsEntry("items with an error", "5.0% ± 4.9% 1 of 20");
        assertGroups(page, output);
        assertThat(page.section("errors")).contains("malformed_row", "item-7", "answerKey");
        assertThat(page.section("documents")).contains("alert(&#x27;x&#x27;)");
        assertThat(page.html()).doesNotContain("<img", "<script>alert");
        assertMostWrongFirst(page, output);
        page.requireDrawable();
        page.requireSelfContained();
        page.requireDrawnByABrowser(folder);
    }

    private static void assertMostWrongFirst(ReportPage page, Path output) {
        List<Row> scores =
                table(output, "choice_scores").where("error_class IS NULL").collectAsList();
        double least = Double.POSITIVE_INFINITY;
        String mostWrong = null;
        for (Row row : scores) {
            List<Double> likelihoods = row.getList(row.fieldIndex("log_likelihoods"));
            int target = row.getAs("target");
            double rival = Double.NEGATIVE_INFINITY;
            for (int i = 0; i < likelihoods.size(); i++) {
                rival = i == target ? rival : Math.max(rival, likelihoods.get(i));
            }
            if (likelihoods.get(target) - rival < least) {
                least = likelihoods.get(target) - rival;
                mostWrong = row.getAs("row_id");
            }
        }
        List<String> first = page.rows("documents").getFirst();
        assertThat(first.getFirst()).isEqualTo(mostWrong);
        assertThat(Double.parseDouble(first.get(1))).isCloseTo(least, within(Math.abs(least) / 100));
        long counted = 0;
        for (JsonNode series : page.chartsOf("answers").getFirst().get("series")) {
            for (JsonNode count : series.get("counts")) {
                counted += count.asLong();
            }
        }
        assertThat(counted).isEqualTo(scores.size()).isEqualTo(19);
        assertThat(page.rows("answers").stream()
                        .mapToInt(row -> Integer.parseInt(row.get(1)))
                        .sum())
                .isEqualTo(19);
    }

    @Test
    void wordsToGuessAreToldByTheirLikelihood() throws Exception {
        Path output = folder.resolve("out");
        run("choice", projectRoot().resolve("datasets/choice/lambada.jsonl"), output, "--task", "lambada");

        ReportPage page = ReportPage.of(output);

        Row all = table(output, "choice_summary").where("level = 'micro'").head();
        double error = all.<Double>getAs("perplexity_stderr");
        assertThat(number(page.cards().get("perplexity of the right words")))
                .isCloseTo(all.<Double>getAs("perplexity"), within(error / 10));
        assertThat(page.cards()).containsKey("acc").doesNotContainKeys("acc_norm", "by chance");
        assertThat(page.headings()).contains("Least and most likely words");
        assertThat(page.rows("documents").stream().map(List::getFirst))
                .as("no item is among the least and the most likely")
                .hasSize(4)
                .doesNotHaveDuplicates();
        assertThat(page.html()).contains("The run had no --group-by.");
    }

    @Test
    void twoModelsAreToldByTheirPairedDifferences() throws Exception {
        Path output = folder.resolve("out");
        run("compare", documents(), output, "--baseline", model().toString(), "--ablate", "decay");

        ReportPage page = ReportPage.of(output);

        assertThat(page.headings())
                .containsExactly(
                        "Headline numbers",
                        "Errors by class",
                        "By group",
                        "Changes",
                        "NLL by position",
                        "Documents that moved most",
                        "Throughput",
                        "Configuration",
                        "Not on this page");
        assertThat(page.html()).contains("<h1>tiny without decay against tiny on in.jsonl</h1>");
        Row summary = table(output, "comparison_summary").head();
        assertHeadline(page, summary);
        assertThat(number(page.cards().get("KL divergence, nats/token")))
                .isCloseTo(summary.<Double>getAs("mean_kl_divergence"), within(1e-3));
        assertThat(number(page.cards().get("top-1 agreement").replace("%", "")))
                .isCloseTo(100 * summary.<Double>getAs("same_top_share"), within(0.051));
        assertPairedGroups(page, output);
        assertMoved(page, output);
        page.requireDrawable();
        page.requireSelfContained();
        page.requireDrawnByABrowser(folder);
    }

    @Test
    void twoFinishedRunsAreToldWithTheOptionsInWhichTheyDiffer() throws Exception {
        Path whole = folder.resolve("whole");
        Path ablated = folder.resolve("ablated");
        run("perplexity", documents(), whole);
        run("perplexity", documents(), ablated, "--ablate", "decay");
        Path output = folder.resolve("out");
        Invocation runs = Invocation.of("compare-runs", "--run", ablated, "--baseline", whole, "--output", output);
        assertThat(runs.status()).as(runs.err()).isZero();
        assertThat(runs.out())
                .contains("difference of perplexity")
                .doesNotContain("divergence", "top-1", "same_top", "Δp");

        ReportPage page = ReportPage.of(output);

        assertThat(page.headings())
                .containsExactly(
                        "Headline numbers",
                        "By group",
                        "Changes",
                        "Documents that moved most",
                        "Configuration",
                        "Not on this page");
        assertThat(page.html()).contains("<h1>tiny without decay against tiny on in.jsonl</h1>");
        assertHeadline(page, table(output, "comparison_summary").head());
        assertThat(page.cards()).doesNotContainKeys("KL divergence, nats/token", "top-1 agreement");
        assertPairedGroups(page, output);
        assertMoved(page, output);
        assertThat(page.section("absent")).contains("both runs need --emit-tokens");
        assertThat(page.rows("configuration").stream().limit(2))
                .anyMatch(row -> row.equals(List.of("ablate", "decay", "–")));
        page.requireDrawable();
        page.requireSelfContained();
    }

    @Test
    @Tag("cluster") // four runs and their pages
    void runsOfWhichEveryRowFailedSaySo() throws Exception {
        Path input = write(
                "in.jsonl", "{\"id\": \"a\", \"group\": \"sea\", \"question\": null, \"text\": null, \"label\": 0}");
        List<List<String>> commands = List.of(
                List.of("generate", "--prompt-column", "text", "--max-errors", "100%"),
                List.of("perplexity", "--group-by", "group", "--emit-tokens", "--max-errors", "100%"),
                List.of("choice", "--task", task().toString(), "--group-by", "group", "--max-errors", "100%"),
                List.of("compare", "--baseline", model().toString(), "--max-errors", "100%"));
        for (List<String> command : commands) {
            Path output = folder.resolve(command.getFirst());
            run(
                    command.getFirst(),
                    input,
                    output,
                    command.subList(1, command.size()).toArray(String[]::new));

            ReportPage page = ReportPage.of(output);

            assertThat(page.html()).as(command.getFirst()).contains("100.0%", "1 of 1");
            assertThat(page.rows("errors").getFirst().getFirst()).isEqualTo("a");
            page.requireDrawable();
        }
    }

    private Path task() {
        return write(
                "own.yaml",
                "name: own",
                "description: our own",
                "text: question",
                "context: \"{question}\"",
                "choices: [\"yes\", \"no\"]",
                "answer: {column: label, from: 0}");
    }

    private static void assertHeadline(ReportPage page, Row summary) {
        double error = summary.<Double>getAs("perplexity_difference_stderr");
        String card = page.cards().get("difference of perplexity");
        assertThat(number(card)).isCloseTo(summary.<Double>getAs("perplexity_difference"), within(error / 10));
        assertThat(Double.parseDouble(card.split(" ")[2])).isCloseTo(error, within(error / 10));
        assertThat(Double.parseDouble(card.split(" ")[4]))
                .isCloseTo(summary.<Double>getAs("perplexity_difference_low"), within(error / 10));
        assertThat(Double.parseDouble(card.split(" ")[6]))
                .isCloseTo(summary.<Double>getAs("perplexity_difference_high"), within(error / 10));
        assertThat(page.cards().get("perplexity")).contains("baseline: ");
        double ofNll = summary.<Double>getAs("nll_difference_stderr");
        assertThat(number(page.cards().get("difference, nats/token")))
                .isCloseTo(summary.<Double>getAs("nll_difference"), within(ofNll / 10));
        assertThat(number(page.cards().get("difference, bits/byte")))
                .isCloseTo(summary.<Double>getAs("bits_per_byte_difference"), within(ofNll / 10));
    }

    /** The difference of each group and its error, from the documents' own rows. */
    private static void assertPairedGroups(ReportPage page, Path output) {
        JsonNode chart = page.chartsOf("groups").getFirst();
        assertThat(chart.get("reference").get("value").asDouble()).isZero();
        List<String> names = Stream.of(GROUPS).sorted().toList();
        assertThat(chart.get("rows")).hasSize(names.size());
        for (int i = 0; i < names.size(); i++) {
            List<Row> documents = table(output, "document_comparisons")
                    .where("error_class IS NULL")
                    .where(functions.col("group").equalTo(names.get(i)))
                    .collectAsList();
            double tokens = 0;
            double change = 0;
            for (Row row : documents) {
                tokens += row.<Long>getAs("scored_tokens");
                change += row.<Double>getAs("nll") - row.<Double>getAs("baseline_nll");
            }
            double squares = 0;
            for (Row row : documents) {
                double residual = row.<Double>getAs("nll")
                        - row.<Double>getAs("baseline_nll")
                        - change / tokens * row.<Long>getAs("scored_tokens");
                squares += residual * residual;
            }
            double error = Math.sqrt(squares * documents.size() / (documents.size() - 1.0)) / tokens;
            JsonNode row = chart.get("rows").get(i);
            assertThat(row.get("name").asText()).isEqualTo(names.get(i));
            JsonNode mark = row.get("marks").get(0);
            assertThat(mark.get("value").asDouble()).isCloseTo(change / tokens, within(1e-9));
            assertThat(mark.get("high").asDouble()).isCloseTo(change / tokens + error, within(1e-7));
        }
    }

    private static void assertMoved(ReportPage page, Path output) {
        Row worst = table(output, "document_comparisons")
                .where("error_class IS NULL")
                .selectExpr("row_id", "(nll - baseline_nll) / scored_tokens AS change")
                .orderBy(functions.col("change").desc(), functions.col("row_id"))
                .head();
        List<String> first = page.rows("documents").getFirst();
        assertThat(first.getFirst()).isEqualTo(worst.getString(0));
        assertThat(Double.parseDouble(first.get(1))).isCloseTo(worst.getDouble(1), within(1e-3));
    }

    private static void assertGroups(ReportPage page, Path output) {
        JsonNode chart = page.chartsOf("groups").getFirst();
        assertThat(chart.get("legend")).hasSize(3);
        List<Row> groups = table(output, "choice_summary")
                .where("level = 'group'")
                .orderBy("group")
                .collectAsList();
        assertThat(chart.get("rows")).hasSize(3);
        for (int i = 0; i < groups.size(); i++) {
            JsonNode marks = chart.get("rows").get(i).get("marks");
            String[] measures = {"acc", "acc_norm", "acc_bytes"};
            for (int m = 0; m < measures.length; m++) {
                double share = groups.get(i).<Double>getAs(measures[m]);
                double error = groups.get(i).<Double>getAs(measures[m] + "_stderr");
                assertThat(marks.get(m).get("value").asDouble()).isCloseTo(100 * share, within(1e-9));
                assertThat(marks.get(m).get("low").asDouble()).isCloseTo(100 * (share - error), within(1e-9));
            }
        }
        assertThat(page.rows("groups")).hasSize(5);
    }

    private static void assertPercent(String card, double share, double error) {
        String[] words = card.replace("%", "").split(" ");
        assertThat(Double.parseDouble(words[0])).isCloseTo(100 * share, within(10 * error));
        assertThat(Double.parseDouble(words[2])).isCloseTo(100 * error, within(10 * error));
    }

    private static double number(String card) {
        return Double.parseDouble(card.split(" ")[0].replace(",", ""));
    }

    private static void run(String command, Path input, Path output, String... more) {
        List<Object> arguments =
                new ArrayList<>(List.of(command, "--model", model(), "--input", input, "--output", output));
        arguments.addAll(List.of(more));
        Invocation invocation = Invocation.of(arguments.toArray());
        assertThat(invocation.status()).as(invocation.err()).isZero();
    }

    /** 20 items with three choices, of which one has no such answer. */
    private Path items() throws Exception {
        ObjectMapper json = new ObjectMapper();
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            ObjectNode item = json.createObjectNode()
                    .put("id", "item-" + i)
                    .put("group", GROUPS[i % 3])
                    .put("question", (i % 4 == 1 ? HOSTILE : "") + TEXTS[i % 3].substring(0, 20 + i % 5))
                    .put("answerKey", i == 7 ? "Z" : "ABC".substring(i % 3, i % 3 + 1));
            ObjectNode choices = item.putObject("choices");
            for (int choice = 0; choice < 3; choice++) {
                choices.withArray("text").add(TEXTS[choice].substring(20 + i) + (i % 2 == choice ? " and" : ""));
                choices.withArray("label").add("ABC".substring(choice, choice + 1));
            }
            lines.add(json.writeValueAsString(item));
        }
        return write("items.jsonl", lines.toArray(String[]::new));
    }

    @Test
    void columnsThatPassThroughAreShownAsTheyAreWhateverTheirNames() throws Exception {
        Path input = write(
                "in.jsonl",
                "{\"id\": \"a\", \"rate\": \"slow\", \"bits\": \"few\", \"change\": \"none\", \"text\": \"" + TEXTS[0]
                        + "\"}",
                "{\"id\": \"b\", \"rate\": \"slow\", \"bits\": \"few\", \"change\": \"none\", \"text\": \"" + TEXTS[1]
                        + "\"}");
        Path scores = folder.resolve("scores");
        run("perplexity", input, scores);
        Path output = folder.resolve("out");
        run("compare", input, output, "--baseline", model().toString(), "--ablate", "prior");

        ReportPage page = ReportPage.of(scores);

        assertThat(page.rows("documents")).hasSize(2).allMatch(row -> row.contains("few / none / slow"));
        assertThat(page.cards()).containsEntry("documents with an error", "0.0% 0 of 2");
        assertThat(ReportPage.of(output).rows("documents"))
                .hasSize(2)
                .allMatch(row -> row.contains("few / none / slow"));
    }

    /** 20 documents, of which one is null. */
    private Path documents() throws Exception {
        ObjectMapper json = new ObjectMapper();
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            lines.add(json.writeValueAsString(json.createObjectNode()
                    .put("id", "row-" + i)
                    .put("group", GROUPS[i % 3])
                    .put("text", i == 7 ? null : TEXTS[i % 3].substring(i) + " " + TEXTS[(i + 1) % 3])));
        }
        return write("in.jsonl", lines.toArray(String[]::new));
    }
}

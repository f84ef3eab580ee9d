package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.spikelet.engine.family.Families;
import io.spikelet.engine.model.SpikingModel;
import io.spikelet.engine.token.BosPolicy;
import io.spikelet.engine.token.Tokenizer;
import io.spikelet.job.SparkTest;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.commons.io.FileUtils;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.junit.jupiter.api.Test;

/** OpenAI batch files in and out. */
final class OpenAiBatchTest extends SparkTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void fiftyRequestsAndThreeMalformedOnesGiveFiftyThreeLines() throws IOException {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            lines.add(request(
                    "request-" + i, "\"prompt\": \"And the LORD said " + i + "\", \"max_tokens\": " + (1 + i % 5)));
        }
        lines.add(7, "{\"custom_id\": \"broken-json\", \"method\": \"POST\"");
        lines.add(20, request("no-prompt", "\"max_tokens\": 3"));
        lines.add(53 - 1, request("bad-value", "\"prompt\": \"And\", \"max_tokens\": -3"));

        List<JsonNode> responses = run(lines.toArray(String[]::new));

        assertThat(responses).hasSize(53);
        for (int i = 0; i < 53; i++) {
            JsonNode line = responses.get(i);
            JsonNode response = line.get("response");
            assertThat(line.get("error").isNull()).isTrue();
            assertThat(line.get("id").asText()).startsWith("batch_req_");
            if (i == 7 || i == 20 || i == 52) {
                assertThat(response.get("status_code").asInt()).isEqualTo(400);
                assertThat(response.at("/body/error/code").asText()).isEqualTo("malformed_row");
                continue;
            }
            int number = i - (i > 7 ? 1 : 0) - (i > 20 ? 1 : 0);
            assertThat(line.get("custom_id").asText()).isEqualTo("request-" + number);
            assertThat(response.get("status_code").asInt()).isEqualTo(200);
            JsonNode body = response.get("body");
            assertThat(body.get("object").asText()).isEqualTo("text_completion");
            assertThat(body.get("model").asText()).isEqualTo("some-model");
            assertThat(body.at("/choices/0/text").asText()).isNotEmpty();
            assertThat(body.at("/choices/0/finish_reason").asText()).isIn("stop", "length");
            assertThat(body.at("/choices/0/logprobs").isNull()).isTrue();
            assertThat(body.at("/usage/completion_tokens").asInt()).isBetween(1, 1 + number % 5);
            assertThat(body.at("/usage/total_tokens").asInt())
                    .isEqualTo(body.at("/usage/completion_tokens").asInt()
                            + body.at("/usage/prompt_tokens").asInt());
        }
        assertThat(responses.get(7).get("custom_id").isNull()).isTrue();
        assertThat(responses.get(7).toString()).contains("not JSON");
        assertThat(responses.get(20).get("custom_id").asText()).isEqualTo("no-prompt");
        assertThat(responses.get(20).toString()).contains("prompt is missing");
        assertThat(responses.get(52).toString()).contains("max_tokens of the row is -3");
        assertThat(table(folder.resolve("out"), "completions").count()).isEqualTo(53);
    }

    @Test
    void aBodysFieldsHoldForItsRequest() throws IOException {
        List<JsonNode> responses = run(
                request("greedy", "\"prompt\": [\"And the LORD\"], \"temperature\": 0, \"max_tokens\": 6"),
                request("again", "\"prompt\": \"And the LORD\", \"temperature\": 0, \"max_tokens\": 6, \"n\": 2"),
                request(
                        "told",
                        "\"prompt\": \"And the LORD\", \"temperature\": 0, \"max_tokens\": 6, \"echo\": true, \"logprobs\": 2"),
                request(
                        "seed",
                        "\"prompt\": \"And the LORD\", \"seed\": 4, \"n\": 3, \"user\": \"me\", \"stop\": null"));

        String text = responses.get(0).at("/response/body/choices/0/text").asText();
        JsonNode twice = responses.get(1).at("/response/body");
        assertThat(twice.get("choices")).hasSize(2);
        assertThat(twice.at("/choices/1/index").asInt()).isEqualTo(1);
        assertThat(twice.at("/choices/1/text").asText()).isEqualTo(text);
        assertThat(twice.at("/usage/completion_tokens").asInt()).isEqualTo(12);
        JsonNode told = responses.get(2).at("/response/body/choices/0");
        assertThat(told.get("text").asText()).isEqualTo("And the LORD" + text);
        JsonNode logprobs = told.get("logprobs");
        int tokens = responses.get(2).at("/response/body/usage/total_tokens").asInt() - 1; // without BOS
        for (String list : List.of("tokens", "token_logprobs", "top_logprobs", "text_offset")) {
            assertThat(logprobs.get(list)).as(list).hasSize(tokens);
        }
        assertThat(logprobs.at("/top_logprobs/" + (tokens - 1))).hasSize(2);
        assertThat(joined(logprobs.get("tokens"))).isEqualTo(told.get("text").asText());
        assertThat(responses.get(3).at("/response/body/choices")).hasSize(3);
    }

    @Test
    void requestsThatHaveMovedInTheirFileHaveTheirNewLinesWhenTheRunIsResumed() throws IOException {
        String a = request("a", "\"prompt\": \"And the king\", \"max_tokens\": 3");
        String b = request("b", "\"prompt\": \"And the whale\", \"max_tokens\": 3");
        String c = request("c", "\"prompt\": \"And the sea\", \"max_tokens\": 3");
        run(a, b);
        for (List<String> lines : List.of(List.of(c, a, b), List.of(b, c, a))) {
            Path input = write("batch.jsonl", lines.toArray(String[]::new));
            Invocation resumed = generate(input, folder.resolve("out"), "--resume");
            assertThat(resumed.status()).as(resumed.err()).isZero();

            Path fresh = folder.resolve("fresh");
            assertThat(generate(input, fresh).status()).isZero();
            assertThat(idsOfResponses(folder.resolve("out"))).isEqualTo(idsOfResponses(fresh));
            String[] columns = {"row_id", "request_line", "completion"};
            assertThat(rows(table(folder.resolve("out"), "completions"), columns))
                    .isEqualTo(rows(table(fresh, "completions"), columns));
            FileUtils.deleteDirectory(fresh.toFile());
        }
    }

    @Test
    void theTokensOfAChoiceAreItsTextInPieces() throws IOException {
        String greedy = ", \"temperature\": 0, \"max_tokens\": 12, \"logprobs\": 2";
        List<JsonNode> responses = run(
                request("plain", "\"prompt\": \"And the king said\"" + greedy),
                request("stopped", "\"prompt\": \"And the king said\", \"stop\": \"nt\"" + greedy),
                request("echo", "\"prompt\": \"  And \u65e5\u672c\\n the king\", \"echo\": true" + greedy));

        for (JsonNode response : responses) {
            JsonNode choice = response.at("/response/body/choices/0");
            assertThat(joined(choice.at("/logprobs/tokens")))
                    .as(response.get("custom_id").asText())
                    .isEqualTo(choice.get("text").asText());
        }
        assertThat(responses.get(0).at("/response/body/choices/0/text").asText())
                .startsWith(" unto");
        assertThat(responses.get(1).at("/response/body/choices/0/text").asText())
                .isEqualTo(" u");
        assertThat(responses.get(2).at("/response/body/choices/0/text").asText())
                .startsWith("  And \u65e5\u672c\n the king");
    }

    private static String joined(JsonNode tokens) {
        return tokens.valueStream().map(JsonNode::asText).collect(Collectors.joining());
    }

    @Test
    void aRequestOfSeveralPromptsHasTheirChoicesInOrder() throws IOException {
        int[] ids;
        try (SpikingModel model = SpikingModel.open(model(), Families.all())) {
            Tokenizer tokenizer = model.tokenizer().orElseThrow();
            ids = BosPolicy.PREPEND.apply(tokenizer, tokenizer.encode("And the LORD"));
        }
        String tokens = Arrays.toString(ids);
        String greedy = ", \"temperature\": 0, \"max_tokens\": 5, \"stop\": [\"zz\", \"qq\"]";
        List<JsonNode> responses = run(
                request("one", "\"prompt\": \"And the LORD\"" + greedy),
                request("texts", "\"prompt\": [\"The whale\", \"And the LORD\"], \"n\": 2" + greedy),
                request("ids", "\"prompt\": " + tokens + ", \"echo\": true, \"logprobs\": 1" + greedy),
                request("lists", "\"prompt\": [[5, 6], " + tokens + "]" + greedy),
                request("bare", "\"prompt\": [[5, 6, 7]], \"echo\": true, \"logprobs\": 1" + greedy),
                request("whale", "\"prompt\": \"The whale\", \"stop\": \"zz\", \"temperature\": 0, \"max_tokens\": 5"));

        JsonNode one = responses.get(0).at("/response/body");
        String text = one.at("/choices/0/text").asText();
        String whale = responses.get(5).at("/response/body/choices/0/text").asText();
        JsonNode texts = responses.get(1).at("/response/body");
        assertThat(responses.get(1).get("custom_id").asText()).isEqualTo("texts");
        assertThat(texts.get("choices"))
                .extracting(choice ->
                        choice.get("index").asInt() + choice.get("text").asText())
                .containsExactly("0" + whale, "1" + whale, "2" + text, "3" + text);
        assertThat(texts.at("/usage/prompt_tokens").asInt())
                .isEqualTo(one.at("/usage/prompt_tokens").asInt()
                        + responses
                                .get(5)
                                .at("/response/body/usage/prompt_tokens")
                                .asInt());
        JsonNode byIds = responses.get(2).at("/response/body");
        assertThat(byIds.at("/choices/0/text").asText()).isEqualTo("And the LORD" + text);
        assertThat(byIds.at("/usage")).isEqualTo(one.get("usage"));
        assertThat(byIds.at("/choices/0/logprobs/tokens"))
                .hasSize(byIds.at("/usage/total_tokens").asInt() - 1); // without BOS
        JsonNode lists = responses.get(3).at("/response/body");
        assertThat(lists.get("choices")).hasSize(2);
        assertThat(lists.at("/choices/1/text").asText()).isEqualTo(text);
        assertThat(lists.at("/usage/prompt_tokens").asInt()).isEqualTo(2 + ids.length);
        JsonNode bare = responses.get(4).at("/response/body");
        assertThat(bare.at("/choices/0/logprobs/tokens"))
                .hasSize(bare.at("/usage/total_tokens").asInt());
        assertThat(bare.at("/choices/0/logprobs/token_logprobs/0").isNull()).isTrue();
        assertThat(bare.at("/choices/0/logprobs/top_logprobs/0").isNull()).isTrue();
        assertThat(bare.at("/choices/0/logprobs/top_logprobs/1")).hasSize(1);
        assertThat(rows(table(folder.resolve("out"), "completions"), "row_id", "sample_index"))
                .extracting(row -> row.getString(0) + " " + row.getInt(1))
                .containsExactly(
                        "bare 0",
                        "ids 0",
                        "lists 0",
                        "lists/1 0",
                        "one 0",
                        "texts 0",
                        "texts 1",
                        "texts/1 0",
                        "texts/1 1",
                        "whale 0");
    }

    @Test
    void filesFollowOneAnotherAndNoIdOccursTwice() throws IOException {
        Path cases = projectRoot().resolve("job/src/test/resources/cases/e05");
        write("in/a.jsonl", Files.readAllBytes(cases.resolve("a.jsonl")));
        write("in/b.jsonl", Files.readAllBytes(cases.resolve("b.jsonl")));
        String more = "\"prompt\": [\"And\", \"The\"], \"max_tokens\": 1";
        write("in/c.jsonl", request("r1", more), request("r1/1", more), request("r1/1/0", more));

        Invocation generate = generate(folder.resolve("in"), folder.resolve("out"));

        assertThat(generate.status()).as(generate.err()).isZero();
        List<JsonNode> responses = new ArrayList<>();
        for (String line : Files.readAllLines(folder.resolve("out/responses.jsonl"))) {
            responses.add(JSON.readTree(line));
        }
        assertThat(responses)
                .extracting(response -> response.get("custom_id").asText())
                .containsExactly("a0", "a1", "a2", "a3", "b0", "b1", "b2", "b3", "r1", "r1/1", "r1/1/0");
        assertThat(responses)
                .extracting(response -> response.get("id").asText())
                .doesNotHaveDuplicates();
    }

    @Test
    void offsetsCountCharacters() throws IOException {
        List<JsonNode> responses = run(request(
                "emoji",
                "\"prompt\": \"And \ud83d\udc4d \u65e5\u672c the king\", \"max_tokens\": 2, \"echo\": true, \"logprobs\": 2, "
                        + "\"temperature\": 0"));

        JsonNode logprobs = responses.getFirst().at("/response/body/choices/0/logprobs");
        int offset = 0;
        for (int i = 0; i < logprobs.get("tokens").size(); i++) {
            assertThat(logprobs.at("/text_offset/" + i).asInt()).isEqualTo(offset);
            String token = logprobs.at("/tokens/" + i).asText();
            offset += token.codePointCount(0, token.length());
        }
    }

    @Test
    void whatCannotBeDoneIsSaid() throws IOException {
        List<JsonNode> responses = run(
                request("good", "\"prompt\": \"And\""),
                request("url", "\"prompt\": \"And\"").replace("/v1/completions", "/v1/chat/completions"),
                request("unknown", "\"prompt\": \"And\", \"temprature\": 1"),
                request("n", "\"prompt\": \"And\", \"n\": 0"),
                request("bias", "\"prompt\": \"And\", \"logit_bias\": {\"5\": 3}"),
                request("best", "\"prompt\": \"And\", \"best_of\": 4"),
                request("mixed", "\"prompt\": [\"And\", 5]"),
                request("nothing", "\"prompt\": []"),
                request("huge", "\"prompt\": [5, 4000000]"),
                request("half", "\"prompt\": [5, 1.5]"),
                request("one-bad", "\"prompt\": [\"And\", \"\"]"),
                request("suffix", "\"prompt\": \"And\", \"suffix\": \"the end\""),
                request("stop", "\"prompt\": \"And\", \"stop\": [5]"),
                request("banned", "\"prompt\": \"And\", \"logit_bias\": {\"50\": -100}"));

        assertThat(responses.stream()
                        .map(line -> line.at("/response/status_code").asInt()))
                .containsExactly(200, 400, 400, 400, 400, 400, 400, 400, 400, 400, 400, 400, 400, 200);
        assertThat(responses.get(1).toString()).contains("/v1/chat/completions", "it must be");
        assertThat(responses.get(2).toString()).contains("temprature");
        assertThat(responses.get(6).toString()).contains("a list of texts or of token ids");
        assertThat(responses.get(7).toString()).contains("empty list");
        assertThat(responses.get(8).toString()).contains("vocabulary has ids 0 to");
        assertThat(responses.get(10).toString()).contains("empty_input");
        assertThat(responses.get(11).toString()).contains("suffix is not supported");
        assertThat(responses.get(12).toString()).contains("it must be a text or a list of texts");
        MainTest.assertRefused(
                generate(
                        write("more.jsonl", request("a", "\"prompt\": \"And\"")),
                        folder.resolve("other"),
                        "--samples",
                        "2"),
                "--samples");
        MainTest.assertRefused(
                generate(
                        write("twice.jsonl", request("a", "\"prompt\": \"A\""), request("a", "\"prompt\": \"B\"")),
                        folder.resolve("other")),
                "ids must be unique: give each request a custom_id of its own");
    }

    @Test
    void aColumnOfIdsIsNotForBatchFiles() {
        Path output = folder.resolve("out");

        MainTest.assertRefused(
                generate(write("a.jsonl", request("a", "\"prompt\": \"And\"")), output, "--id-column", "custom_id"),
                "--id-column does not go with --format openai-batch",
                "the id of a request is its custom_id");
        assertThat(output).doesNotExist();
    }

    /** Copied to each of its prompts, the stop alone would take 2 GB. */
    @Test
    void aRequestWithTooMuchForItsManyPromptsCostsNoOther() throws IOException {
        String prompts = "\"prompt\": [" + "\"And\", ".repeat(2047) + "\"And\"], \"max_tokens\": 1";

        List<JsonNode> responses = run(
                request("good", "\"prompt\": \"And\", \"max_tokens\": 1"),
                request("large", prompts + ", \"stop\": \"" + "s".repeat(1 << 20) + "\""),
                request("also-good", "\"prompt\": \"And\", \"max_tokens\": 1"));

        assertThat(responses)
                .extracting(line -> line.get("custom_id").asText() + " "
                        + line.at("/response/status_code").asInt())
                .containsExactly("good 200", "large 400", "also-good 200");
        assertThat(responses.get(1).at("/response/body/error/message").asText())
                .contains("the parameters of the body take 1048", "they may take 65536")
                .hasSizeLessThan(2000);
    }

    @Test
    void responsesAreWrittenByATaskAndDoNotPassThroughTheDriver() throws Exception {
        int requests = 300; // more than a driver keeps of small inputs
        Random random = new Random(7); // Spark compresses results
        String[] lines = IntStream.range(0, requests)
                .mapToObj(i -> request("r" + i, "\"prompt\": \"And\", \"max_tokens\": 1")
                        .replace("some-model", new BigInteger(20_000, random).toString(32)))
                .toArray(String[]::new);
        AtomicLong largest = new AtomicLong();
        SparkListener listener = new SparkListener() {
            @Override
            public void onTaskEnd(SparkListenerTaskEnd end) {
                largest.accumulateAndGet(end.taskMetrics().resultSize(), Math::max);
            }
        };
        spark.sparkContext().addSparkListener(listener);
        try {
            assertThat(run(lines)).hasSize(requests);
            spark.sparkContext().listenerBus().waitUntilEmpty(60_000);
        } finally {
            spark.sparkContext().removeSparkListener(listener);
        }

        assertThat(Files.size(folder.resolve("out/responses.jsonl"))).isGreaterThan(requests * 3_900L);
        assertThat(largest).as("bytes of the largest result of a task").hasValueBetween(1L, requests * 2_000L);
    }

    private static String request(String id, String body) {
        return "{\"custom_id\": \"" + id + "\", \"method\": \"POST\", \"url\": \"/v1/completions\", \"body\": "
                + "{\"model\": \"some-model\", " + body + "}}";
    }

    private static List<String> idsOfResponses(Path output) throws IOException {
        List<String> ids = new ArrayList<>();
        for (String line : Files.readAllLines(output.resolve("responses.jsonl"))) {
            JsonNode response = JSON.readTree(line);
            String number = response.get("id").asText().replaceFirst("^.*-(\\d+-\\d+)$", "$1"); // behind the run's id
            ids.add(number + " " + response.get("custom_id"));
        }
        return ids;
    }

    private List<JsonNode> run(String... lines) throws IOException {
        Invocation generate = generate(write("batch.jsonl", lines), folder.resolve("out"));
        assertThat(generate.status()).as(generate.err()).isZero();
        List<JsonNode> responses = new ArrayList<>();
        for (String line : Files.readAllLines(folder.resolve("out/responses.jsonl"))) {
            responses.add(JSON.readTree(line));
        }
        return responses;
    }

    private Invocation generate(Path input, Path output, Object... more) {
        List<Object> args = new ArrayList<>(List.of(
                "generate",
                "--model",
                model(),
                "--input",
                input,
                "--format",
                "openai-batch",
                "--output",
                output,
                "--max-new-tokens",
                "8"));
        args.addAll(List.of(more));
        return Invocation.of(args.toArray());
    }
}

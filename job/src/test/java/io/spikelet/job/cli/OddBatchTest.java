package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.spikelet.job.SparkTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** OpenAI batch files with requests of every odd kind, from their lines to their responses. */
final class OddBatchTest extends SparkTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** What the responses to some lines of {@code e02/odd.jsonl} say. */
    private static final Map<String, String> FAULTS = Map.ofEntries(
            Map.entry("17", "custom_id is 17; it must be a text"),
            Map.entry("n15", "n is 1.5; it must be a whole number"),
            Map.entry("ntrue", "n is true; it must be a whole number"),
            Map.entry("nstr", "n is \"2\"; it must be a whole number"),
            Map.entry("best15", "best_of is 1.7; it must be a whole number"),
            Map.entry("biashalf", "logit_bias of 300 is -100.9; only -100"),
            Map.entry("maxhalf", "max_tokens is 4.5; it must be a whole number"),
            Map.entry("maxneg", "max_tokens of the row is -1"),
            Map.entry("seedover", "seed is 18446744073709551615; it must be a whole number"),
            Map.entry("lptrue", "logprobs is true; it must be a whole number"),
            Map.entry("lp9999", "logprobs of the row is 9999"),
            Map.entry("tstr", "temperature is \"0\"; it must be a number"),
            Map.entry("idsneg", "prompt of the row is [-1]: the model's vocabulary has ids 0 to"),
            Map.entry("lone", "prompt has half of a surrogate pair"),
            Map.entry("lonestop", "stop has half of a surrogate pair"),
            Map.entry("loneid\\ud83d", "custom_id has half of a surrogate pair"));

    private static final List<String> GOOD = List.of(
            "ok",
            "maxfloat",
            "max0",
            "n3",
            "t0",
            "t00",
            "stopnull",
            "stopempty",
            "stoparr",
            "stopinst",
            "stopone",
            "stopjson",
            "lp0",
            "lp5",
            "seedbig",
            "seedneg",
            "seedfloat",
            "user",
            "ids",
            "idsfloat",
            "bias",
            "biasfloat",
            "biasnull");

    @Test
    void everyLineHasAResponseInTheWordsOfItsRequest() throws IOException {
        Path input = projectRoot().resolve("job/src/test/resources/cases/e02/odd.jsonl");
        List<JsonNode> responses = responses(input);

        assertThat(responses).hasSameSizeAs(Files.readAllLines(input));
        assertThat(responses)
                .extracting(response -> response.get("id").asText())
                .doesNotHaveDuplicates();
        Map<String, JsonNode> byId = new HashMap<>();
        responses.forEach(response -> byId.put(response.get("custom_id").asText(), response.get("response")));
        FAULTS.forEach((id, fault) -> {
            assertThat(byId.get(id).get("status_code").asInt()).as(id).isEqualTo(400);
            assertThat(byId.get(id).at("/body/error/message").asText()).as(id).contains(fault);
        });
        for (String id : GOOD) {
            assertThat(byId.get(id).get("status_code").asInt()).as(id).isEqualTo(200);
        }
        assertThat(responses)
                .extracting(
                        response -> response.at("/response/body/error/message").asText())
                .as("options of the command line, which no request has")
                .noneMatch(message -> message.contains(" --") || message.contains("new_tokens"));
        assertThat(byId.get("stopjson").at("/body/choices/0/text").asText())
                .as("the stop is the text [\"e\"] and not the letter")
                .contains("e");
    }

    @Test
    void tokensJoinedAreTheTextAndOffsetsCountItsCharacters() throws IOException {
        List<String> lines = Files.readAllLines(projectRoot().resolve("job/src/test/resources/cases/e03/echo.jsonl"));
        String logprobs = "\"logprobs\": 1, \"temperature\": 0, ";
        lines.add(request("cut", logprobs + "\"prompt\": \"And the king said\", \"max_tokens\": 9, \"stop\": \"nt\""));
        lines.add(request(
                "cut after echo",
                logprobs + "\"prompt\": \"\ud83d\ude00 And the king said\", \"max_tokens\": 9, \"echo\": true, "
                        + "\"stop\": \" \", \"n\": 2"));
        lines.add(request("ids", logprobs + "\"prompt\": [1, 300, 301], \"max_tokens\": 3"));
        List<JsonNode> responses = responses(write("echo.jsonl", lines.toArray(String[]::new)));

        for (JsonNode response : responses) {
            String id = response.get("custom_id").asText();
            assertThat(response.at("/response/status_code").asInt()).as(id).isEqualTo(200);
            for (JsonNode choice : response.at("/response/body/choices")) {
                JsonNode told = choice.get("logprobs");
                List<Integer> expected = new ArrayList<>();
                int offset = 0;
                for (JsonNode token : told.get("tokens")) {
                    expected.add(offset);
                    offset += token.asText().codePointCount(0, token.asText().length());
                }
                assertThat(told.get("text_offset").valueStream().map(JsonNode::asInt))
                        .as(id)
                        .isEqualTo(expected);
                assertThat(told.get("tokens")
                                .valueStream()
                                .map(JsonNode::asText)
                                .collect(Collectors.joining()))
                        .as(id)
                        .isEqualTo(choice.get("text").asText());
                assertThat(told.get("token_logprobs")).as(id).hasSameSizeAs(expected);
                assertThat(told.get("top_logprobs")).as(id).hasSameSizeAs(expected);
            }
        }
        JsonNode echo = responses.getFirst().at("/response/body");
        assertThat(echo.at("/choices/0/text").asText()).isEqualTo("And the king said");
        assertThat(echo.at("/usage/completion_tokens").asInt()).isZero();
    }

    @Test
    void anIdColumnIsRefusedSinceARequestSaysItsId() {
        Path input = write("in.jsonl", request("a", "\"prompt\": \"And\""), request("a", "\"prompt\": \"The\""));

        MainTest.assertRefused(generate(input), "ids must be unique: give each request a custom_id of its own");
        MainTest.assertRefused(
                generate(input, "--id-column", "custom_id"),
                "--id-column does not go with --format openai-batch",
                "custom_id");
    }

    private static String request(String id, String body) {
        return "{\"custom_id\": \"" + id + "\", \"method\": \"POST\", \"url\": \"/v1/completions\", \"body\": {" + body
                + "}}";
    }

    private List<JsonNode> responses(Path input) throws IOException {
        Invocation generate = generate(input, "--max-errors", "100%");
        assertThat(generate.status()).as(generate.err()).isZero();
        List<JsonNode> responses = new ArrayList<>();
        for (String line : Files.readAllLines(folder.resolve("out/responses.jsonl"))) {
            responses.add(JSON.readTree(line));
        }
        return responses;
    }

    private Invocation generate(Path input, String... more) {
        List<Object> words = new ArrayList<>(List.of("generate", "--model", model(), "--input", input));
        words.addAll(List.of("--format", "openai-batch", "--output", folder.resolve("out")));
        words.addAll(List.of("--max-new-tokens", "4"));
        words.addAll(List.of(more));
        return Invocation.of(words.toArray());
    }
}

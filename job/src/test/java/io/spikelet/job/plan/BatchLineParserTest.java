package io.spikelet.job.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Lines of batch files, one by one. */
final class BatchLineParserTest {
    private static final List<String> FIELDS = List.of(BatchLineParser.TYPE.fieldNames());
    private static final BatchLineParser PARSER = new BatchLineParser();

    @Test
    void aNumberOutOfAllRangeIsTheFaultOfItsLine() {
        for (String number : List.of("1e99999999999999999", "1e-99999999999999999", "1e2147483647", "-1e-2147483647")) {
            for (String name : List.of("seed", "temperature", "n", "best_of", "unknown")) {
                Row row = PARSER.call(
                        "{\"custom_id\": \"x\", \"url\": \"/v1/completions\", \"body\": {\"prompt\": \"a\", \"" + name
                                + "\": " + number + "}}");
                assertThat(name.equals("temperature") && number.contains("e-2147") ? "" : text(row, "fault"))
                        .as(name + " " + number)
                        .isNotNull();
            }
        }
    }

    @Test
    void aLineWhoseObjectCanBeReadHasItsIdWhateverElseIsWrong() {
        String line =
                "{\"url\": \"/v1/completions\", \"body\": {\"custom_id\": \"b\", \"prompt\": %s}, \"custom_id\": \"x\"}";
        String first =
                "{\"custom_id\": \"x\", \"url\": \"/v1/completions\", \"body\": {\"prompt\": \"a\", \"seed\": %s}}%s";
        for (String number : List.of("1e99999999999", "-1E+99999999999", "7".repeat(2000), "0." + "1".repeat(2000))) {
            assertThat(text(PARSER.call(line.formatted(number)), "custom_id")).isEqualTo("x");
            assertThat(text(PARSER.call(first.formatted(number, "")), "custom_id"))
                    .isEqualTo("x");
            assertThat(text(PARSER.call(first.formatted(number, "")), "fault"))
                    .startsWith("the line has a number or a nesting beyond all range")
                    .hasSizeLessThan(400);
        }
        assertThat(text(PARSER.call(line.formatted("[".repeat(3000) + "]".repeat(3000))), "custom_id"))
                .isEqualTo("x");
        assertThat(text(PARSER.call(first.formatted("1, \"seed\": 2", "")), "custom_id"))
                .isEqualTo("x");
        assertThat(text(PARSER.call(first.formatted("1", " more")), "custom_id"))
                .isEqualTo("x");
        assertThat(text(PARSER.call("{\"custom_id\": \"x\""), "custom_id")).isNull();
    }

    @Test
    void whatEveryPromptOfARequestRepeatsIsShort() {
        String request =
                "{\"custom_id\": \"%s\", \"url\": \"/v1/completions\", \"body\": {\"prompt\": \"a\", \"model\": \"%s\"}}";
        String name = "x".repeat(4097);

        assertThat(text(PARSER.call(request.formatted(name, "m")), "fault"))
                .isEqualTo("custom_id has 4097 characters; it may have 4096");
        assertThat(text(PARSER.call(request.formatted("a", name)), "fault"))
                .isEqualTo("model has 4097 characters; it may have 4096");
        assertThat(text(PARSER.call(request.formatted(name.substring(1), name.substring(1))), "fault"))
                .isNull();
    }

    @Test
    void everyOddLineIsReadOrSaysItsFault() throws IOException {
        Map<String, String> faults = new HashMap<>();
        Path cases = Path.of(System.getProperty("user.dir")).toAbsolutePath();
        while (!Files.isDirectory(cases.resolve("job/src/test/resources/cases"))) {
            cases = cases.getParent();
        }
        for (String line : Files.readAllLines(cases.resolve("job/src/test/resources/cases/e02/odd.jsonl"))) {
            Row row = PARSER.call(line);
            faults.put(text(row, "custom_id"), text(row, "fault"));
        }

        assertThat(faults).containsEntry("17", "custom_id is 17; it must be a text");
        assertThat(faults).containsEntry("n15", "n is 1.5; it must be a whole number from 1 to 128");
        assertThat(faults).containsEntry("ntrue", "n is true; it must be a whole number from 1 to 128");
        assertThat(faults).containsEntry("nstr", "n is \"2\"; it must be a whole number from 1 to 128");
        assertThat(faults).containsEntry("best15", "best_of is 1.7; it must be a whole number of at least 1");
        assertThat(faults).containsEntry("lone", "prompt has half of a surrogate pair");
        assertThat(faults).containsEntry("lonestop", "stop has half of a surrogate pair");
        assertThat(faults).containsEntry("loneid\\ud83d", "custom_id has half of a surrogate pair");
        assertThat(faults.get("biashalf")).contains("logit_bias of 300 is -100.9");
        assertThat(faults.get("maxhalf")).contains("max_tokens is 4.5; it must be a whole number");
        assertThat(faults.get("seedover")).contains("seed is 18446744073709551615");
        for (String good : List.of(
                "ok",
                "maxfloat",
                "n3",
                "t0",
                "stopinst",
                "stopone",
                "stopjson",
                "stopnull",
                "lp0",
                "lp5",
                "seedbig",
                "seedfloat",
                "idsfloat",
                "bias",
                "biasfloat",
                "biasnull",
                "user")) {
            assertThat(faults).as(good).containsEntry(good, null);
        }
    }

    @Test
    void whatARequestSaysIsKeptAsItStoodThere() {
        assertThat(text(PARSER.call(request("a", "\"prompt\": \"x\", \"stop\": \"[/INST]\"")), "overrides"))
                .isEqualTo("{\"stop\":\"[/INST]\"}");
        assertThat(text(PARSER.call(request("a", "\"prompt\": \"x\", \"stop\": \"[1]\", \"seed\": 7.0")), "overrides"))
                .isEqualTo("{\"stop\":\"[1]\",\"seed\":7}");
        assertThat(text(PARSER.call(request("a", "\"prompt\": \"x\", \"stop\": [\"[\"]")), "overrides"))
                .isEqualTo("{\"stop\":[\"[\"]}");
        Row large = PARSER.call(request("a", "\"prompt\": \"" + "x".repeat(21_000_000) + "\""));
        assertThat(text(large, "custom_id")).isEqualTo("a");
        assertThat(text(large, "fault")).as("too long is for the model to say").isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"n\": 4294967297 | n is 4294967297",
                "\"n\": 1.9 | n is 1.9",
                "\"n\": true | n is true",
                "\"n\": \"3\" | n is \"3\"",
                "\"logit_bias\": [1] | logit_bias is [1]",
                "\"max_tokens\": 1e400 | max_tokens is",
                "\"temperature\": 1e400 | temperature is",
                "\"temperature\": \"0\" | temperature is \"0\"",
                "\"stop\": [1] | stop is [1]",
                "\"logprobs\": true | logprobs is true",
            })
    void aValueOfTheWrongKindIsAFaultOfItsRequest(String field, String fault) {
        assertThat(text(PARSER.call(request("a", "\"prompt\": \"x\", " + field)), "fault"))
                .startsWith(fault);
    }

    @Test
    void anIntegerOfFourHundredDigitsIsAFaultAndItsMessageIsShort() {
        String fault = text(PARSER.call(request("a", "\"prompt\": \"x\", \"seed\": " + "7".repeat(400))), "fault");

        assertThat(fault)
                .startsWith("seed is 777")
                .endsWith("it must be a whole number")
                .hasSizeLessThan(400);
    }

    @Test
    void faultsDoNotGrowWithTheLine() {
        String filler = "y".repeat(1 << 20);
        for (String body : List.of(
                "\"prompt\": \"x\", \"" + filler + "\": 1",
                "\"prompt\": \"x\", \"" + filler + "\": \"\\ud83d\"",
                "\"prompt\": \"x\", \"" + filler.substring(0, 40_000) + "\": \"\\ud83d\"",
                "\"prompt\": \"x\", \"" + filler.substring(0, 40_000) + "\": 1",
                "\"prompt\": \"x\", \"n\": \"" + filler + "\"",
                "\"prompt\": \"x\", \"stop\": [\"" + filler + "\", 1]",
                "\"prompt\": \"x\", \"logit_bias\": {\"" + filler + "\": -100}",
                "\"prompt\": \"x\", \"logit_bias\": \"" + filler + "\"",
                "\"prompt\": \"x\", \"temperature\": \"" + filler + "\"",
                "\"prompt\": \"x\", \"stop_token_ids\": \"" + filler + "\"",
                "\"prompt\": [1, \"" + filler + "\"]",
                "\"prompt\": \"x\", \"echo\": \"" + filler + "\"")) {
            assertThat(text(PARSER.call(request("a", body)), "fault"))
                    .as(body.substring(0, 40))
                    .isNotBlank()
                    .hasSizeLessThan(2000);
        }
        for (String line : List.of(filler, "{\"" + filler, "{\"custom_id\": \"a\", \"url\": \"" + filler + "\"}")) {
            assertThat(text(PARSER.call(line), "fault")).isNotBlank().hasSizeLessThan(2000);
        }
    }

    @Test
    void promptsShareWhatTheRequestSaysAndItIsBounded() {
        String prompts = "\"prompt\": [" + "\"x\", ".repeat(2047) + "\"x\"]";
        Row small = PARSER.call(request("a", prompts + ", \"stop\": \"" + "s".repeat(60_000) + "\""));
        Row large = PARSER.call(request("a", prompts + ", \"stop\": \"" + "s".repeat(1 << 20) + "\""));

        assertThat(text(small, "overrides")).hasSize(60_011);
        assertThat((Row[]) small.get(FIELDS.indexOf("prompts"))).hasSize(2048).allMatch(prompt -> prompt.isNullAt(1));
        assertThat(text(large, "fault")).contains("take 1048587 characters; they may take 65536");
        assertThat(text(large, "custom_id")).isEqualTo("a");
    }

    @Test
    void idsThatLookLikeThoseOfFurtherPromptsGetANumberOfTheirOwn() {
        assertThat(text(PARSER.call(request("r1", "\"prompt\": \"x\"")), "row_id"))
                .isEqualTo("r1");
        assertThat(text(PARSER.call(request("r1/1", "\"prompt\": \"x\"")), "row_id"))
                .isEqualTo("r1/1/0");
        assertThat(text(PARSER.call(request("r1/1/0", "\"prompt\": \"x\"")), "row_id"))
                .isEqualTo("r1/1/0/0");
    }

    private static String request(String id, String body) {
        return "{\"custom_id\": \"" + id + "\", \"method\": \"POST\", \"url\": \"/v1/completions\", \"body\": {" + body
                + "}}";
    }

    private static String text(Row row, String field) {
        return row.getString(FIELDS.indexOf(field));
    }
}

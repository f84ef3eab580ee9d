package io.spikelet.job.plan;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.spikelet.engine.message.Excerpt;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Reads a line of an OpenAI batch file: an object with {@code custom_id}, {@code method}, {@code url} and the {@code body}
 * of a request to {@code /v1/completions}. Names of further sampling parameters are those of vLLM. A line that cannot be
 * run has a fault, and what could be read of it.
 */
final class BatchLineParser implements UDF1<String, Row> {
    /** A prompt: its text, and token ids as JSON if it has these instead. */
    private static final StructType PROMPT =
            new StructType().add("prompt", DataTypes.StringType).add("ids", DataTypes.StringType);

    /** What a line says; it has no prompts if it has a fault. */
    static final StructType TYPE = new StructType()
            .add("custom_id", DataTypes.StringType)
            .add("row_id", DataTypes.StringType)
            .add("model", DataTypes.StringType)
            .add("prompts", DataTypes.createArrayType(PROMPT, false))
            .add("overrides", DataTypes.StringType)
            .add("samples", DataTypes.IntegerType)
            .add("echo", DataTypes.BooleanType)
            .add("logprobs", DataTypes.IntegerType)
            .add("fault", DataTypes.StringType);

    private static final long serialVersionUID = 1L;
    private static final String URL = "/v1/completions";
    private static final int MOST_SAMPLES = 128; // OpenAI's limit
    private static final int MOST_PROMPTS = 2048; // OpenAI's limit
    private static final int BAN = -100;
    /** Ids of the further prompts of a request look like this, so that an id of the user's own must not. */
    private static final Pattern ROW_ID_WITH_INDEX = Pattern.compile(".*/[0-9]+", Pattern.DOTALL);

    private static final Pattern HALF_PAIR = Pattern.compile("\\p{Cs}");

    private static final int MOST_OVERRIDE_CHARACTERS = 1 << 16; // each prompt of the request has them

    private static final int MOST_NAME_CHARACTERS = 4096; // so does the row of each prompt

    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxStringLength(Integer.MAX_VALUE)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    /** Fields of a body that are whole numbers. */
    private static final Set<String> WHOLE_NUMBERS = Set.of("max_tokens", "min_tokens", "top_k", "seed", "logprobs");

    /** Fields of a body that are numbers. */
    private static final Set<String> NUMBERS =
            Set.of("temperature", "top_p", "min_p", "repetition_penalty", "presence_penalty", "frequency_penalty");

    /** Fields that change no completion here. */
    private static final Set<String> WITHOUT_EFFECT =
            Set.of("model", "prompt", "n", "echo", "user", "stream", "stream_options");

    /** What a line cannot be run for. */
    private static final class Fault extends Exception {
        private static final long serialVersionUID = 1L;

        Fault(String message) {
            super(message);
        }
    }

    @Override
    public Row call(String line) {
        JsonNode request;
        try {
            request = JSON.readTree(line);
        } catch (JsonProcessingException | NumberFormatException e) { // the latter for an exponent of many digits
            return unread(line, e);
        }
        try {
            return parsed(request);
        } catch (Fault e) {
            return faulty(
                    shown(request.path("custom_id")), shown(request.path("body").path("model")), e.getMessage());
        }
    }

    /** A line that is no JSON, or JSON with a number or a nesting that is not read. */
    private static Row unread(String line, Exception cause) {
        String reason = cause instanceof JsonProcessingException json ? json.getOriginalMessage() : cause.getMessage();
        String fault = new JsonLineCheck(null).call(line);
        String what = fault == null ? "has a number or a nesting beyond all range" : "is not JSON";
        boolean hasId = fault == null || JsonLineCheck.isReadable(fault);
        return faulty(hasId ? id(line) : null, null, "the line " + what + " (" + Excerpt.of(reason) + ")");
    }

    /** The {@code custom_id} of a line that begins with a JSON object, if it is a text of a length that is accepted. */
    private static String id(String line) {
        try (JsonParser parser = JsonLineCheck.JSON.createParser(line)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                boolean isId = parser.currentName().equals("custom_id");
                if (parser.nextToken() == JsonToken.VALUE_STRING && isId) {
                    String id = escaped(parser.getText());
                    return id.length() <= MOST_NAME_CHARACTERS ? id : null;
                }
                parser.skipChildren();
            }
            return null;
        } catch (IOException e) { // a name occurs twice before it
            return null;
        }
    }

    private static Row parsed(JsonNode request) throws Fault {
        require(request.isObject(), "the line is not a JSON object");
        String id = customId(request.path("custom_id"));
        require(
                isAbsent(request.path("method"))
                        || request.path("method").asText().equals("POST"),
                "method is not POST");
        JsonNode url = request.path("url");
        require(url.asText("").equals(URL), "url is " + quoted(url) + "; it must be \"" + URL + "\"");
        JsonNode body = request.path("body");
        require(body.isObject(), "body is missing or not an object");
        requireWholeCharacters(body, "the body");
        requireShort(body.path("model"), "model");
        int samples = isAbsent(body.path("n")) ? 1 : count("n", body.path("n"), 1, MOST_SAMPLES);
        JsonNode logprobs = body.path("logprobs");
        boolean wantsLogprobs = !isAbsent(logprobs);
        int top = wantsLogprobs ? count("logprobs", logprobs, 0, Integer.MAX_VALUE) : 0;
        JsonNode echo = body.path("echo");
        require(isAbsent(echo) || echo.isBoolean(), "echo is " + quoted(echo) + "; it must be true or false");
        String overrides = overrides(body, samples, echo.asBoolean() && wantsLogprobs);
        require(
                overrides.length() <= MOST_OVERRIDE_CHARACTERS,
                "the parameters of the body take " + overrides.length() + " characters; they may take "
                        + MOST_OVERRIDE_CHARACTERS);
        return row(
                id,
                ROW_ID_WITH_INDEX.matcher(id).matches() ? id + "/0" : id,
                shown(body.path("model")),
                prompts(body.path("prompt")),
                overrides,
                samples,
                echo.asBoolean(),
                wantsLogprobs ? top : null,
                null);
    }
    /** The id of a request, which the response repeats. */
    private static String customId(JsonNode id) throws Fault {
        require(!isAbsent(id), "custom_id is missing");
        require(id.isTextual(), "custom_id is " + quoted(id) + "; it must be a text");
        require(!id.asText().isEmpty(), "custom_id is empty");
        requireWholeCharacters(id, "custom_id");
        requireShort(id, "custom_id");
        return id.asText();
    }

    /** A text, token ids, or a list of texts or of token ids. */
    private static Row[] prompts(JsonNode prompt) throws Fault {
        boolean isList = prompt.isArray() && !prompt.path(0).isNumber();
        int count = isList ? prompt.size() : 1;
        require(count <= MOST_PROMPTS, "prompt is a list of " + count + "; it may have " + MOST_PROMPTS);
        require(count > 0, "prompt is an empty list");
        Row[] rows = new Row[count];
        for (int i = 0; i < count; i++) {
            rows[i] = prompt(isList ? prompt.get(i) : prompt);
        }
        return rows;
    }

    private static Row prompt(JsonNode prompt) throws Fault {
        if (prompt.isTextual()) {
            return row(prompt.asText(), null);
        }
        require(
                prompt.isArray() && !prompt.isEmpty(),
                "prompt is missing, or neither a text nor token ids nor a list of texts or of token ids");
        ArrayNode ids = JSON.createArrayNode();
        for (JsonNode id : prompt) {
            ids.add(count(
                    "a token id of prompt", id, Integer.MIN_VALUE, Integer.MAX_VALUE)); // the vocabulary comes later
        }
        return row(ids.toString(), ids.toString());
    }

    private static String overrides(JsonNode body, int samples, boolean promptLogprobs) throws Fault {
        ObjectNode overrides = JSON.createObjectNode();
        for (Map.Entry<String, JsonNode> field : body.properties()) {
            String name = field.getKey();
            JsonNode value = field.getValue();
            if (value.isNull() || WITHOUT_EFFECT.contains(name)) {
                continue;
            }
            switch (name) {
                case "logit_bias" -> setBans(overrides, value);
                case "best_of" ->
                    require(
                            count(name, value, 1, Integer.MAX_VALUE) == samples,
                            "best_of is " + quoted(value) + "; it must be n, " + samples);
                case "suffix" -> require(value.isTextual() && value.asText().isEmpty(), "suffix is not supported");
                default -> set(overrides, name, value);
            }
        }
        if (promptLogprobs) {
            overrides.put("prompt_logprobs", true);
        }
        return overrides.toString();
    }

    /** Of a field that is an option of a row by this name or another. */
    private static void set(ObjectNode overrides, String name, JsonNode value) throws Fault {
        if (WHOLE_NUMBERS.contains(name)) {
            OptionalLong whole = JsonNumbers.whole(value);
            require(whole.isPresent(), name + " is " + quoted(value) + "; it must be a whole number");
            overrides.put(name, whole.getAsLong());
        } else if (NUMBERS.contains(name)) {
            require(
                    value.isNumber() && Float.isFinite(value.floatValue()),
                    name + " is " + quoted(value) + "; it must be a number");
            boolean isGreedy =
                    name.equals("temperature") && value.decimalValue().signum() == 0;
            if (isGreedy) { // 0 means the most likely token
                overrides.put("sampler", "greedy");
            } else {
                overrides.set(name, value);
            }
        } else if (name.equals("stop")) {
            boolean isTexts = value.isTextual() || value.isArray();
            for (JsonNode item : value) {
                isTexts &= item.isTextual();
            }
            require(isTexts, "stop is " + quoted(value) + "; it must be a text or a list of texts");
            overrides.set(name, value);
        } else {
            require(name.equals("stop_token_ids"), "the body's field " + Excerpt.of(name) + " is not known");
            require(value.isArray(), name + " is " + quoted(value) + "; it must be a list of token ids");
            for (JsonNode id : value) {
                overrides.withArray(name).add(count("a token id of " + name, id, 0, Integer.MAX_VALUE));
            }
        }
    }

    private static void setBans(ObjectNode overrides, JsonNode biases) throws Fault {
        require(biases.isObject(), "logit_bias is " + quoted(biases) + "; it must be an object of numbers by token id");
        for (Map.Entry<String, JsonNode> bias : biases.properties()) {
            OptionalLong value = JsonNumbers.whole(bias.getValue());
            require(
                    value.isPresent()
                            && value.getAsLong() == BAN
                            && bias.getKey().matches("\\d{1,9}"),
                    "logit_bias of " + Excerpt.of(bias.getKey()) + " is " + quoted(bias.getValue()) + "; only " + BAN
                            + ", which bans a token id, is supported");
            overrides.withArray("logit_bias").add(Integer.parseInt(bias.getKey()));
        }
    }

    private static int count(String name, JsonNode value, int least, int most) throws Fault {
        OptionalLong whole = JsonNumbers.whole(value);
        boolean isWithin = whole.isPresent() && whole.getAsLong() >= least && whole.getAsLong() <= most;
        String limit = most == Integer.MAX_VALUE ? "of at least " + least : "from " + least + " to " + most;
        require(isWithin, name + " is " + quoted(value) + "; it must be a whole number " + limit);
        return (int) whole.getAsLong();
    }

    private static boolean isAbsent(JsonNode node) {
        return node.isMissingNode() || node.isNull();
    }

    /** Half of a surrogate pair is no character, so that no model can be asked with it. */
    private static void requireWholeCharacters(JsonNode node, String name) throws Fault {
        if (node.isTextual()) {
            require(!JsonLineCheck.hasLoneSurrogate(node.asText()), name + " has half of a surrogate pair");
        }
        for (Map.Entry<String, JsonNode> field : node.properties()) {
            require(!JsonLineCheck.hasLoneSurrogate(field.getKey()), name + " has half of a surrogate pair in a name");
            requireWholeCharacters(field.getValue(), Excerpt.of(field.getKey()));
        }
        for (JsonNode element : node.isArray() ? node : List.<JsonNode>of()) {
            requireWholeCharacters(element, name);
        }
    }

    private static void requireShort(JsonNode value, String name) throws Fault {
        int length = shown(value) == null ? 0 : shown(value).length();
        require(
                length <= MOST_NAME_CHARACTERS,
                name + " has " + length + " characters; it may have " + MOST_NAME_CHARACTERS);
    }

    private static void require(boolean holds, String fault) throws Fault {
        if (!holds) {
            throw new Fault(fault);
        }
    }

    /** A value as JSON, as long as a message may show. */
    private static String quoted(JsonNode value) {
        return Excerpt.of(escaped(value.isMissingNode() ? "missing" : value.toString()));
    }

    /** A value as it stands there; null where there is none. */
    private static String shown(JsonNode node) {
        return isAbsent(node) ? null : escaped(node.isTextual() ? node.asText() : node.toString());
    }

    /** Half a surrogate pair can neither be stored nor sent: as the six characters that JSON has for it. */
    private static String escaped(String text) {
        return HALF_PAIR
                .matcher(text)
                .replaceAll(
                        half -> String.format("\\\\u%04x", (int) half.group().charAt(0)));
    }

    private static Row faulty(String customId, String model, String fault) {
        return row(customId, null, model, null, null, null, null, null, fault);
    }

    private static Row row(Object... values) {
        return RowFactory.create(values);
    }
}

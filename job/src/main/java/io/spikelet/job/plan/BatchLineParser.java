package io.spikelet.job.plan;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.spikelet.engine.message.Excerpt;
import java.util.Map;
import java.util.Set;
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
    /** A prompt, and what the request says about its completion. */
    private static final StructType PROMPT =
            new StructType().add("prompt", DataTypes.StringType).add("overrides", DataTypes.StringType);

    /** What a line says; it has no prompts if it has a fault. */
    static final StructType TYPE = new StructType()
            .add("custom_id", DataTypes.StringType)
            .add("model", DataTypes.StringType)
            .add("prompts", DataTypes.createArrayType(PROMPT, false))
            .add("samples", DataTypes.IntegerType)
            .add("echo", DataTypes.BooleanType)
            .add("logprobs", DataTypes.IntegerType)
            .add("fault", DataTypes.StringType);

    private static final long serialVersionUID = 1L;
    private static final String URL = "/v1/completions";
    private static final int MOST_SAMPLES = 128; // OpenAI's limit
    private static final int MOST_PROMPTS = 2048; // OpenAI's limit
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /** Fields of a body that are options here, and what they are called. */
    private static final Map<String, String> OPTIONS = Map.ofEntries(
            Map.entry("max_tokens", "max_new_tokens"),
            Map.entry("min_tokens", "min_new_tokens"),
            Map.entry("temperature", "temperature"),
            Map.entry("top_p", "top_p"),
            Map.entry("top_k", "top_k"),
            Map.entry("min_p", "min_p"),
            Map.entry("repetition_penalty", "repetition_penalty"),
            Map.entry("presence_penalty", "presence_penalty"),
            Map.entry("frequency_penalty", "frequency_penalty"),
            Map.entry("stop", "stop"),
            Map.entry("stop_token_ids", "stop_ids"),
            Map.entry("seed", "seed"),
            Map.entry("logprobs", "top_logprobs"));

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
        JsonNode request = null;
        try {
            request = JSON.readTree(line);
            return parsed(request);
        } catch (JsonProcessingException e) {
            return faulty(null, null, "the line is not JSON (" + e.getOriginalMessage() + ")");
        } catch (Fault e) {
            return faulty(
                    text(request.path("custom_id")), text(request.path("body").path("model")), e.getMessage());
        }
    }

    private static Row parsed(JsonNode request) throws Fault {
        require(request.isObject(), "the line is not a JSON object");
        require(text(request.path("custom_id")) != null, "custom_id is missing or not a text");
        require(request.path("method").asText("POST").equals("POST"), "method is not POST");
        require(
                request.path("url").asText("").equals(URL),
                "url is " + request.path("url") + "; it must be \"" + URL + "\"");
        JsonNode body = request.path("body");
        require(body.isObject(), "body is missing or not an object");
        int samples = body.path("n").isMissingNode() || body.path("n").isNull()
                ? 1
                : body.path("n").asInt(0);
        require(
                samples >= 1 && samples <= MOST_SAMPLES,
                "n is " + body.path("n") + "; it must be 1 to " + MOST_SAMPLES);
        JsonNode logprobs = body.path("logprobs");
        boolean wantsLogprobs = !logprobs.isMissingNode() && !logprobs.isNull();
        require(!wantsLogprobs || logprobs.isInt(), "logprobs is " + logprobs + "; it must be a whole number");
        JsonNode echo = body.path("echo");
        require(echo.isMissingNode() || echo.isNull() || echo.isBoolean(), "echo is neither true nor false");
        return row(
                request.get("custom_id").asText(),
                text(body.path("model")),
                prompts(body.path("prompt"), overrides(body, echo.asBoolean() && wantsLogprobs)),
                samples,
                echo.asBoolean(),
                wantsLogprobs ? logprobs.asInt() : null,
                null);
    }

    /** A text, token ids, or a list of texts or of token ids. */
    private static Row[] prompts(JsonNode prompt, ObjectNode overrides) throws Fault {
        boolean isList = prompt.isArray() && !prompt.path(0).isNumber();
        int count = isList ? prompt.size() : 1;
        require(count <= MOST_PROMPTS, "prompt is a list of " + count + "; it may have " + MOST_PROMPTS);
        require(count > 0, "prompt is an empty list");
        Row[] rows = new Row[count];
        for (int i = 0; i < count; i++) {
            rows[i] = prompt(isList ? prompt.get(i) : prompt, overrides);
        }
        return rows;
    }

    private static Row prompt(JsonNode prompt, ObjectNode overrides) throws Fault {
        if (prompt.isTextual()) {
            return row(prompt.asText(), overrides.toString());
        }
        boolean isIds = prompt.isArray() && !prompt.isEmpty();
        for (JsonNode id : prompt) {
            isIds &= id.canConvertToInt() && id.isIntegralNumber();
        }
        require(isIds, "prompt is missing, or neither a text nor token ids nor a list of texts or of token ids");
        ObjectNode withIds = overrides.deepCopy();
        withIds.set(InputRows.PROMPT_IDS, prompt);
        return row(prompt.toString(), withIds.toString());
    }

    private static ObjectNode overrides(JsonNode body, boolean promptLogprobs) throws Fault {
        ObjectNode overrides = JSON.createObjectNode();
        for (Map.Entry<String, JsonNode> field : body.properties()) {
            String name = field.getKey();
            JsonNode value = field.getValue();
            if (value.isNull() || WITHOUT_EFFECT.contains(name)) {
                continue;
            }
            switch (name) {
                case "temperature" -> setTemperature(overrides, value);
                case "logit_bias" -> setBans(overrides, value);
                case "best_of" ->
                    require(value.asInt() == body.path("n").asInt(1), "best_of other than n is not supported");
                case "suffix" -> require(value.asText().isEmpty(), "suffix is not supported");
                default -> {
                    require(OPTIONS.containsKey(name), "the body's field " + name + " is not known");
                    overrides.set(OPTIONS.get(name), value);
                }
            }
        }
        if (promptLogprobs) {
            overrides.put("prompt_logprobs", true);
        }
        return overrides;
    }

    /** 0 means the most likely token. */
    private static void setTemperature(ObjectNode overrides, JsonNode value) {
        if (value.isNumber() && value.doubleValue() == 0) {
            overrides.put("sampler", "greedy");
        } else {
            overrides.set("temperature", value);
        }
    }

    private static void setBans(ObjectNode overrides, JsonNode biases) throws Fault {
        for (Map.Entry<String, JsonNode> bias : biases.properties()) {
            require(
                    bias.getValue().asInt() == -100 && bias.getKey().matches("\\d{1,9}"),
                    "logit_bias of " + bias.getKey() + " is " + bias.getValue()
                            + "; only -100, which bans a token id, is supported");
            overrides.withArray("banned_ids").add(Integer.parseInt(bias.getKey()));
        }
    }

    private static void require(boolean holds, String fault) throws Fault {
        if (!holds) {
            throw new Fault(fault);
        }
    }

    private static String text(JsonNode node) {
        return node.isTextual() && !node.asText().isEmpty() ? node.asText() : null;
    }

    private static Row faulty(String customId, String model, String fault) {
        return row(customId, model, null, null, null, null, Excerpt.message(fault));
    }

    private static Row row(Object... values) {
        return RowFactory.create(values);
    }
}

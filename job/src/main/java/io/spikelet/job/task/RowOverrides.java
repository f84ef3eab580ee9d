package io.spikelet.job.task;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.spikelet.engine.decode.LogprobDetail;
import io.spikelet.engine.decode.SamplingParams;
import io.spikelet.engine.family.Families;
import io.spikelet.engine.message.Excerpt;
import io.spikelet.job.plan.InputRows;
import io.spikelet.job.plan.JsonNumbers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How one row is completed: with the options of the run, unless the row overrides them.
 *
 * @param seed with the row id it determines every random number of the row
 * @param promptIds the prompt, if the row has token ids instead of a text
 */
record RowOverrides(SamplingParams sampling, LogprobDetail detail, long seed, Optional<int[]> promptIds) {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    /** Column names for the fields of an OpenAI request; messages use the name in the row. */
    private static final Map<String, String> OPTIONS = Map.of(
            "max_tokens", "max_new_tokens",
            "min_tokens", "min_new_tokens",
            "stop_token_ids", "stop_ids",
            "logit_bias", "banned_ids",
            "logprobs", "top_logprobs");

    /**
     * Reads the overrides of a row.
     *
     * @param json an object of values by column name; null for nothing. Numbers may be texts, integers may be written
     *     with a fraction of zeros
     * @throws IllegalArgumentException if a value is not of its type or out of its range; the message names it
     */
    static RowOverrides of(String json, GenerationSettings run) {
        if (json == null) {
            return new RowOverrides(run.ofRow(run.sampling()), run.detail(), run.seed(), Optional.empty());
        }
        JsonNode row = tree(json);
        SamplingParams.Builder params = run.sampling().change();
        int top = run.detail().top();
        boolean prompt = run.detail().prompt();
        long seed = run.seed();
        Optional<int[]> promptIds = Optional.empty();
        for (Map.Entry<String, JsonNode> field : row.properties()) {
            String name = field.getKey();
            JsonNode value = field.getValue();
            try {
                switch (OPTIONS.getOrDefault(name, name)) {
                    case "top_logprobs" -> top = integer(value);
                    case "prompt_logprobs" -> prompt = flag(value);
                    case "seed" -> seed = whole(value);
                    case InputRows.PROMPT_IDS -> promptIds = Optional.of(ids(value, run.vocabulary()));
                    default -> set(params, name, value, run.vocabulary());
                }
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        Excerpt.of(shown(name)) + " of the row is " + Excerpt.of(value.toString()) + ": "
                                + e.getMessage(),
                        e);
            }
        }
        try {
            return new RowOverrides(run.ofRow(params.build()), new LogprobDetail(top, prompt), seed, promptIds);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(inWordsOf(row, e.getMessage()), e);
        }
    }

    /** The name of a value in the row: a request has the ids of its prompt as {@code prompt}. */
    private static String shown(String name) {
        return name.equals(InputRows.PROMPT_IDS) ? "prompt" : name;
    }

    /** A message about options, as one about the fields that the row has for them. */
    private static String inWordsOf(JsonNode row, String message) {
        String words = message;
        for (Map.Entry<String, JsonNode> field : row.properties()) {
            String name = field.getKey();
            String option = OPTIONS.getOrDefault(name, name).replace('_', '-');
            words = words.replace("--" + option + " ", name + " of the row ").replace(option, name);
        }
        return words;
    }

    private static void set(SamplingParams.Builder params, String name, JsonNode value, int vocabulary) {
        switch (OPTIONS.getOrDefault(name, name)) {
            case "sampler" -> params.policy(Families.all().sampler(value.asText()));
            case "max_new_tokens" -> params.maxNewTokens(integer(value));
            case "min_new_tokens" -> params.minNewTokens(integer(value));
            case "temperature" -> params.temperature(number(value));
            case "adaptive_temperature" -> params.adaptiveTemperature(flag(value));
            case "top_k" -> params.topK(integer(value));
            case "top_p" -> params.topP(number(value));
            case "min_p" -> params.minP(number(value));
            case "repetition_penalty" -> params.repetitionPenalty(number(value));
            case "presence_penalty" -> params.presencePenalty(number(value));
            case "frequency_penalty" -> params.frequencyPenalty(number(value));
            case "stop" -> params.stopStrings(texts(value));
            case "stop_ids" -> params.stopIds(ids(value, vocabulary));
            case "banned_ids" -> params.bannedIds(ids(value, vocabulary));
            default -> throw new IllegalArgumentException("no option has this name");
        }
    }

    private static JsonNode tree(String json) {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "what the row says is not JSON: " + Excerpt.message(e.getOriginalMessage()), e);
        }
    }

    private static long whole(JsonNode value) {
        OptionalLong whole = value.isTextual() ? JsonNumbers.whole(value.asText()) : JsonNumbers.whole(value);
        return whole.orElseThrow(() -> new IllegalArgumentException("it must be a whole number of at most 64 bits"));
    }

    private static int integer(JsonNode value) {
        long whole = whole(value);
        if (whole != (int) whole) {
            throw new IllegalArgumentException("it must be a whole number of at most 32 bits");
        }
        return (int) whole;
    }

    private static float number(JsonNode value) {
        float number = value.isNumber() || value.isTextual() ? Float.parseFloat(value.asText()) : Float.NaN;
        if (!Float.isFinite(number)) {
            throw new IllegalArgumentException("it must be a number");
        }
        return number;
    }

    private static boolean flag(JsonNode value) {
        return switch (value.asText()) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("it must be true or false");
        };
    }

    /** One text, or a list. */
    private static List<String> texts(JsonNode value) {
        if (value.isTextual()) {
            return List.of(value.asText());
        }
        if (!value.isArray()) {
            throw new IllegalArgumentException("it must be a text or a list of texts");
        }
        List<String> texts = new ArrayList<>();
        for (JsonNode item : value) {
            if (!item.isTextual()) {
                throw new IllegalArgumentException("a stop string must be a text");
            }
            texts.add(item.asText());
        }
        return texts;
    }

    /** One id, or a list. */
    private static int[] ids(JsonNode value, int vocabulary) {
        int[] ids = new int[value.isArray() ? value.size() : 1];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = integer(value.isArray() ? value.get(i) : value);
            if (ids[i] < 0 || ids[i] >= vocabulary) {
                throw new IllegalArgumentException("the model's vocabulary has ids 0 to " + (vocabulary - 1));
            }
        }
        return ids;
    }
}

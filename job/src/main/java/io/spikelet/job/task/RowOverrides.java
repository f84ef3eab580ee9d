package io.spikelet.job.task;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.spikelet.engine.decode.LogprobDetail;
import io.spikelet.engine.decode.SamplingParams;
import io.spikelet.engine.family.Families;
import io.spikelet.engine.message.Excerpt;
import io.spikelet.job.plan.InputRows;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How one row is completed: as the run says, but for what the row itself says.
 *
 * @param seed with the row id it determines every random number of the row
 * @param promptIds the prompt, if the row has token ids instead of a text
 */
record RowOverrides(SamplingParams sampling, LogprobDetail detail, long seed, Optional<int[]> promptIds) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * Reads what a row says.
     *
     * @param json an object of values by column name; null for nothing. Numbers may be texts, a list may be a text of JSON
     * @throws IllegalArgumentException if a value is not of its type or out of its range; the message names it
     */
    static RowOverrides of(String json, GenerationSettings run) {
        if (json == null) {
            return new RowOverrides(run.sampling(), run.detail(), run.seed(), Optional.empty());
        }
        SamplingParams.Builder params = run.sampling().change();
        int top = run.detail().top();
        boolean prompt = run.detail().prompt();
        long seed = run.seed();
        Optional<int[]> promptIds = Optional.empty();
        for (Map.Entry<String, JsonNode> field : tree(json).properties()) {
            String name = field.getKey();
            JsonNode value = field.getValue();
            try {
                switch (name) {
                    case "top_logprobs" -> top = integer(value);
                    case "prompt_logprobs" -> prompt = flag(value);
                    case "seed" -> seed = Long.parseLong(value.asText());
                    case InputRows.PROMPT_IDS -> promptIds = Optional.of(ids(value, run.vocabulary()));
                    default -> set(params, name, value, run.vocabulary());
                }
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        Excerpt.of(name) + " of the row is " + Excerpt.of(value.toString()) + ": "
                                + Excerpt.message(e.getMessage()),
                        e);
            }
        }
        return new RowOverrides(params.build(), new LogprobDetail(top, prompt), seed, promptIds);
    }

    private static void set(SamplingParams.Builder params, String name, JsonNode value, int vocabulary) {
        switch (name) {
            case "sampler" -> params.policy(Families.all().sampler(value.asText()));
            case "max_new_tokens" -> params.maxNewTokens(integer(value));
            case "min_new_tokens" -> params.minNewTokens(integer(value));
            case "temperature" -> params.temperature(Float.parseFloat(value.asText()));
            case "adaptive_temperature" -> params.adaptiveTemperature(flag(value));
            case "top_k" -> params.topK(integer(value));
            case "top_p" -> params.topP(Float.parseFloat(value.asText()));
            case "min_p" -> params.minP(Float.parseFloat(value.asText()));
            case "repetition_penalty" -> params.repetitionPenalty(Float.parseFloat(value.asText()));
            case "presence_penalty" -> params.presencePenalty(Float.parseFloat(value.asText()));
            case "frequency_penalty" -> params.frequencyPenalty(Float.parseFloat(value.asText()));
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
            throw new IllegalArgumentException("not JSON: " + Excerpt.message(e.getOriginalMessage()), e);
        }
    }

    private static int integer(JsonNode value) {
        return Integer.parseInt(value.asText());
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
        JsonNode list = list(value);
        if (!list.isArray()) {
            return List.of(list.asText());
        }
        List<String> texts = new ArrayList<>();
        for (JsonNode item : list) {
            if (!item.isTextual()) {
                throw new IllegalArgumentException("a stop string must be a text");
            }
            texts.add(item.asText());
        }
        return texts;
    }

    private static int[] ids(JsonNode value, int vocabulary) {
        JsonNode list = list(value);
        int[] ids = new int[list.isArray() ? list.size() : 1];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = integer(list.isArray() ? list.get(i) : list);
            if (ids[i] < 0 || ids[i] >= vocabulary) {
                throw new IllegalArgumentException("the model's vocabulary has ids 0 to " + (vocabulary - 1));
            }
        }
        return ids;
    }

    /** A CSV file has texts alone. */
    private static JsonNode list(JsonNode value) {
        return value.isTextual() && value.asText().startsWith("[") ? tree(value.asText()) : value;
    }
}

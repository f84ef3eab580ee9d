package io.spikelet.job.task;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import io.spikelet.engine.message.Excerpt;
import io.spikelet.job.UsageException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Reads task files strictly: unknown keys are errors. */
final class ChoiceTaskReader {
    private static final YAMLMapper YAML = YAMLMapper.builder(YAMLFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .build();

    /** The memory of the YAML parser grows with the square of a long comment or name. */
    private static final int MOST_CHARACTERS = 1 << 16;

    private ChoiceTaskReader() {}

    /** The keys of a task file. */
    private record Keys(
            String name,
            String description,
            String text,
            String context,
            String continuation,
            JsonNode choices,
            String delimiter,
            List<String> filters,
            AnswerKeys answer,
            Boolean normalized,
            @JsonProperty("fewshot_split") String fewshotSplit,
            @JsonProperty("fewshot_delimiter") String fewshotDelimiter) {}

    /** The keys of an answer. */
    private record AnswerKeys(String column, Integer from, JsonNode among, Integer always) {}

    static ChoiceTask read(String yaml, String origin) {
        try {
            require(
                    yaml.length() <= MOST_CHARACTERS,
                    "it has " + yaml.length() + " characters; a task has at most " + MOST_CHARACTERS);
            requirePlain(yaml);
            Keys keys = YAML.readValue(yaml, Keys.class);
            if (keys == null) {
                throw new UsageException("the file is empty");
            }
            return task(keys, yaml);
        } catch (UnrecognizedPropertyException e) {
            throw new UsageException(
                    "the task " + origin + " has the key " + Excerpt.of(e.getPropertyName())
                            + ", which means nothing; keys are "
                            + e.getKnownPropertyIds().stream()
                                    .map(Object::toString)
                                    .collect(Collectors.joining(", ")),
                    e);
        } catch (JsonProcessingException e) {
            throw new UsageException(
                    "the task " + origin + " cannot be read: "
                            + Excerpt.message(e.getOriginalMessage()) + " ("
                            + (e.getLocation() == null
                                    ? ""
                                    : "line " + e.getLocation().getLineNr()) + ")",
                    e);
        } catch (UsageException e) {
            throw new UsageException("the task " + origin + " cannot be used: " + e.getMessage(), e);
        }
    }

    /** Values are bound as written, so YAML references would be taken for text. */
    private static void requirePlain(String yaml) throws JsonProcessingException {
        try (YAMLParser parser = YAML.getFactory().createParser(yaml)) {
            int depth = 0;
            boolean isRead = false;
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                String line = "line " + parser.currentTokenLocation().getLineNr() + ": ";
                require(!isRead, line + "a second document begins; a task has one: delete the line ---");
                require(
                        !parser.isCurrentAlias() && parser.getObjectId() == null,
                        line
                                + "anchors (&name) and aliases (*name) are not resolved; write the value out, in quotes if "
                                + "it begins with one of these characters");
                require(
                        token != JsonToken.FIELD_NAME || !parser.currentName().equals("<<"),
                        line + "<< merges nothing here; write the keys out");
                depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
                isRead = depth == 0;
            }
        } catch (JsonProcessingException e) {
            throw e;
        } catch (IOException e) {
            throw new IllegalStateException("reading from memory failed", e);
        }
    }

    private static ChoiceTask task(Keys keys, String yaml) {
        require(keys.name() != null, "it has no name");
        require(keys.description() != null, "it has no description");
        require(keys.text() != null, "it does not say which column must hold a text (text)");
        require(keys.context() != null, "it has no context");
        require(
                (keys.choices() == null) == (keys.answer() == null),
                "it must have both choices and answer, or neither and a continuation");
        require(keys.choices() != null || keys.continuation() != null, "it has neither choices nor a continuation");
        ChoiceTemplate context = ChoiceTemplate.parse(keys.context());
        ChoiceTemplate continuation =
                ChoiceTemplate.parse(keys.continuation() == null ? "{choice}" : keys.continuation());
        boolean usesChoice = context.hasChoice() || continuation.hasChoice();
        require(usesChoice == (keys.choices() != null), "{choice} must be in context or continuation, given choices");
        JsonNode choices = keys.choices();
        boolean isColumn = choices != null && choices.isTextual();
        return new ChoiceTask(
                keys.name(),
                yaml,
                keys.text(),
                context,
                continuation,
                choices == null || isColumn
                        ? List.of()
                        : texts(choices, "choices").stream()
                                .map(ChoiceTaskReader::choice)
                                .toList(),
                isColumn ? choices.textValue() : null,
                keys.delimiter() == null ? " " : keys.delimiter(),
                keys.filters() == null
                        ? List.of()
                        : keys.filters().stream().map(TextFilter::named).toList(),
                answer(keys.answer()),
                keys.choices() != null && (keys.normalized() == null || keys.normalized()),
                keys.fewshotSplit(),
                keys.fewshotDelimiter() == null ? "\n\n" : keys.fewshotDelimiter());
    }

    private static ChoiceTemplate choice(String template) {
        ChoiceTemplate choice = ChoiceTemplate.parse(template);
        require(!choice.hasChoice(), "a choice cannot hold {choice}");
        return choice;
    }

    private static ChoiceAnswer answer(AnswerKeys keys) {
        if (keys == null) {
            return null;
        }
        if (keys.always() != null) {
            require(
                    keys.column() == null && keys.from() == null && keys.among() == null,
                    "answer: always leaves no place for other keys");
            return new ChoiceAnswer.Always(keys.always());
        }
        require(keys.column() != null, "answer must name a column, or be always the same");
        require(
                (keys.from() == null) != (keys.among() == null),
                "answer must have either from, the number of the first choice, or among, the labels");
        if (keys.from() != null) {
            return new ChoiceAnswer.Number(keys.column(), keys.from());
        }
        return keys.among().isTextual()
                ? new ChoiceAnswer.Label(keys.column(), keys.among().textValue(), List.of())
                : new ChoiceAnswer.Label(keys.column(), null, texts(keys.among(), "answer: among"));
    }

    private static List<String> texts(JsonNode list, String key) {
        List<String> texts = new ArrayList<>();
        require(list.isArray() && !list.isEmpty(), key + " must be a list of texts or the name of a column");
        for (JsonNode text : list) {
            require(
                    text.isTextual(),
                    key + " must hold texts; write "
                            + (text.isContainerNode() ? "what is a list or a map" : Excerpt.of(text.toString()))
                            + " in quotation marks");
            texts.add(text.textValue());
        }
        return texts;
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw new UsageException(message);
        }
    }
}

package io.spikelet.job.task;

import io.spikelet.engine.token.PairEncoder.PrefixRule;
import java.io.Serializable;
import java.util.List;
import java.util.stream.Collectors;

/**
 * How the items of a run are scored; serialized to the tasks.
 *
 * @param context most input tokens
 * @param batchSize token positions that a task advances in one pass
 * @param examples items with their correct choices, which the model reads before each item
 */
public record ChoiceSettings(ChoiceTask task, int context, PrefixRule prefix, int batchSize, List<String> examples)
        implements Serializable {
    public ChoiceSettings {
        examples = List.copyOf(examples);
    }

    /** The same with examples. */
    public ChoiceSettings with(List<String> drawn) {
        return new ChoiceSettings(task, context, prefix, batchSize, drawn);
    }

    /** The text before each context: the examples, each with the task's delimiter after it. */
    public String before() {
        return examples.stream()
                .map(example -> example + task.fewshotDelimiter())
                .collect(Collectors.joining());
    }

    /** The prefix rule as it is written in the tables and on the command line. */
    public String prefixLabel() {
        return label(prefix);
    }

    /** How a prefix rule is written. */
    public static String label(PrefixRule prefix) {
        return switch (prefix) {
            case EMPTY_CONTEXT -> "empty";
            case EVERY_CONTEXT -> "every";
        };
    }
}

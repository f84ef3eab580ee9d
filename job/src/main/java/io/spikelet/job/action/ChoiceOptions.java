package io.spikelet.job.action;

import io.spikelet.engine.model.FamilyConfig;
import io.spikelet.engine.token.PairEncoder.PrefixRule;
import io.spikelet.job.UsageException;
import io.spikelet.job.task.ChoiceSettings;
import io.spikelet.job.task.ChoiceTask;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/**
 * How items are scored.
 *
 * @param context most input tokens; the model's max_seq_len by default
 * @param prefix position of BOS: {@code empty} only for empty contexts, {@code every} for all
 * @param groupBy input columns whose values define the groups of the summary
 * @param batchSize token positions that a task advances in one pass
 * @param fewshot the examples before each item
 */
public record ChoiceOptions(
        ChoiceTask task, OptionalInt context, String prefix, List<String> groupBy, int batchSize, Fewshot fewshot) {
    /** The prefix rule unless another is named. */
    public static final String DEFAULT_PREFIX = "empty";

    public ChoiceOptions {
        groupBy = List.copyOf(groupBy);
    }

    /**
     * The settings for a model.
     *
     * @throws IllegalArgumentException if one is out of its range
     */
    ChoiceSettings settings(FamilyConfig model) {
        int window = ContextWindow.of(context, model);
        if (window < 1) {
            throw new UsageException("--context is " + window + "; it must be at least 1 token");
        }
        ContextWindow.requirePositions(batchSize);
        PrefixRule rule = Arrays.stream(PrefixRule.values())
                .filter(value -> ChoiceSettings.label(value).equals(prefix))
                .findFirst()
                .orElseThrow(() -> new UsageException("--prefix is '" + prefix + "'; it must be one of "
                        + Arrays.stream(PrefixRule.values())
                                .map(ChoiceSettings::label)
                                .collect(Collectors.joining(", "))));
        return new ChoiceSettings(task, window, rule, batchSize, List.of());
    }
}

package io.spikelet.job.plan;

import io.spikelet.job.UsageException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * How input rows are turned into requests. Immutable.
 *
 * @param template what makes the prompts, instead of the text column
 * @param overrides input columns whose non-null values replace the option of the same name for their row
 * @param samples completions of a row
 * @param deduplicate rows with the same text and overrides are processed once
 */
public record RequestSpec(Optional<PromptTemplate> template, List<String> overrides, int samples, boolean deduplicate) {
    /** Rows as they are. */
    public static final RequestSpec NONE = new RequestSpec(Optional.empty(), List.of(), 1, false);

    /** Options that a row can overrule, as the columns are called. */
    public static final Set<String> OVERRIDABLE = Set.of(
            "sampler",
            "max_new_tokens",
            "min_new_tokens",
            "temperature",
            "adaptive_temperature",
            "top_k",
            "top_p",
            "min_p",
            "repetition_penalty",
            "presence_penalty",
            "frequency_penalty",
            "stop",
            "stop_ids",
            "banned_ids",
            "seed",
            "top_logprobs",
            "prompt_logprobs");

    private static final int MOST_SAMPLES = 10_000;

    public RequestSpec {
        overrides = List.copyOf(overrides);
        for (String name : overrides) {
            if (!OVERRIDABLE.contains(name)) {
                throw new UsageException("--override-columns has " + name + "; it may have "
                        + String.join(", ", new TreeSet<>(OVERRIDABLE)));
            }
        }
        if (samples < 1 || samples > MOST_SAMPLES) {
            throw new UsageException("--samples is " + samples + "; it must be 1 to " + MOST_SAMPLES);
        }
    }
}

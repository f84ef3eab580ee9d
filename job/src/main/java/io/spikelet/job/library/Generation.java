package io.spikelet.job.library;

import io.spikelet.engine.decode.LogprobDetail;
import io.spikelet.engine.decode.SamplingParams;
import io.spikelet.engine.family.Families;
import io.spikelet.engine.model.SamplerPolicy;
import io.spikelet.job.action.GenerationOptions;
import io.spikelet.job.plan.PromptTemplate;
import io.spikelet.job.plan.RequestSpec;
import io.spikelet.job.task.GenerationSettings;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * How prompts are completed: the options of {@code spikelet generate} by the same names. Options that are not set have
 * the default of the model's sampler; values are checked when the model is known. Every method changes this object and
 * returns it. Not thread-safe.
 */
public final class Generation extends DatasetOptions<Generation> {
    private final Optional<PromptTemplate> template;
    private List<String> overrides = List.of();
    private int samples = 1;
    private boolean deduplicate;
    private Optional<SamplerPolicy> sampler = Optional.empty();
    private Consumer<SamplingParams.Builder> sampling = defaults -> {};
    private long seed;
    private int batchSize = GenerationSettings.AUTOMATIC;
    private boolean tokenLogprobs = true;
    private int topLogprobs;
    private boolean promptLogprobs;

    private Generation(String prompt, Optional<PromptTemplate> template) {
        super(prompt);
        this.template = template;
    }

    /** The defaults of every model, with prompts in this column. */
    public static Generation ofColumn(String prompt) {
        return new Generation(prompt, Optional.empty());
    }

    /**
     * The defaults of every model, with prompts that are made from columns.
     *
     * @param text with names of columns in braces, such as {@code "Q: {question}\nA:"}; doubled braces are braces
     * @throws IllegalArgumentException if its braces do not match, or it names no column
     */
    public static Generation ofTemplate(String text) {
        return new Generation("prompt", Optional.of(PromptTemplate.parse(text)));
    }

    /**
     * Columns whose non-null values replace the option of the same name for their row; named like options with {@code
     * _} for {@code -}, such as {@code max_new_tokens}. A value out of its range makes its row an error.
     *
     * @throws IllegalArgumentException if one has the name of no option of a row; {@link Spikelet#generate} says so
     */
    public Generation overrideColumns(String... names) {
        overrides = List.of(names);
        return this;
    }

    /** Completions per row, numbered by {@code sample_index}; 1 by default. */
    public Generation samples(int completions) {
        samples = completions;
        return this;
    }

    /**
     * Completes equal prompts once and copies the result; {@code duplicate_of} names the row that was computed. Random
     * numbers then depend on the prompt instead of the row id.
     */
    public Generation deduplicate() {
        deduplicate = true;
        return this;
    }

    /** How tokens are chosen. */
    public Generation sampler(SamplerPolicy policy) {
        sampler = Optional.of(policy);
        return this;
    }

    /**
     * How tokens are chosen, by name: {@code greedy}, {@code plain}, or a sampler of the model's family.
     *
     * @throws IllegalArgumentException if it is none of them
     */
    public Generation sampler(String name) {
        return sampler(Families.all().sampler(name));
    }

    /** Maximum tokens of a completion; 64 by default. */
    public Generation maxNewTokens(int tokens) {
        return set(params -> params.maxNewTokens(tokens));
    }

    /** Minimum tokens of a completion, unless the context ends. */
    public Generation minNewTokens(int tokens) {
        return set(params -> params.minNewTokens(tokens));
    }

    /** Above 0; greedy ignores it. */
    public Generation temperature(float value) {
        return set(params -> params.temperature(value));
    }

    /** Whether the temperature is scaled by the entropy of the logits; it is by default. */
    public Generation adaptiveTemperature(boolean scaled) {
        return set(params -> params.adaptiveTemperature(scaled));
    }

    /** Only so many of the most probable tokens; 0 keeps all. Greedy ignores it. */
    public Generation topK(int tokens) {
        return set(params -> params.topK(tokens));
    }

    /** Only the most probable tokens with this total probability: above 0, at most 1. */
    public Generation topP(float probability) {
        return set(params -> params.topP(probability));
    }

    /** Only tokens at least so likely as this share of the most likely one; 0 keeps all. */
    public Generation minP(float share) {
        return set(params -> params.minP(share));
    }

    /** Divides positive and multiplies negative logits of tokens in prompt and completion; 1 is off. */
    public Generation repetitionPenalty(float penalty) {
        return set(params -> params.repetitionPenalty(penalty));
    }

    /** Subtracted from the logits of tokens that occur in the completion: -2 to 2, 0 is off. */
    public Generation presencePenalty(float penalty) {
        return set(params -> params.presencePenalty(penalty));
    }

    /** Subtracted once per occurrence of the token in the completion: -2 to 2, 0 is off. */
    public Generation frequencyPenalty(float penalty) {
        return set(params -> params.frequencyPenalty(penalty));
    }

    /** Texts that end a completion; it is cut before the stop string. */
    public Generation stop(String... texts) {
        return set(params -> params.stopStrings(List.of(texts)));
    }

    /** Token ids that end a completion. */
    public Generation stopIds(int... ids) {
        return set(params -> params.stopIds(ids));
    }

    /** Token ids that are never produced. */
    public Generation bannedIds(int... ids) {
        return set(params -> params.bannedIds(ids));
    }

    /** Seed of the random numbers, together with the row id; 0 by default. */
    public Generation seed(long value) {
        seed = value;
        return this;
    }

    /** Whether rows keep the log-probability of every token; they do by default. */
    public Generation tokenLogprobs(boolean kept) {
        tokenLogprobs = kept;
        return this;
    }

    /** Keeps so many of the most likely tokens of every step and their log-probabilities. */
    public Generation topLogprobs(int tokens) {
        topLogprobs = tokens;
        return this;
    }

    /** Keeps the prompt's token ids and their log-probabilities; with {@link #topLogprobs} the most likely ones too. */
    public Generation promptLogprobs() {
        promptLogprobs = true;
        return this;
    }

    /** Rows that a task decodes in one batch; 0, the default, for as many as its memory allows. Results do not depend on it. */
    public Generation batchSize(int rows) {
        batchSize = rows;
        return this;
    }

    private Generation set(Consumer<SamplingParams.Builder> change) {
        sampling = sampling.andThen(change);
        return this;
    }

    @Override
    Generation self() {
        return this;
    }

    RequestSpec requests() {
        return new RequestSpec(template, overrides, samples, deduplicate);
    }

    GenerationOptions options() {
        return options(batchSize);
    }

    /** With the rows that a task decodes in one batch; SQL functions have one. */
    GenerationOptions options(int batchSize) {
        return new GenerationOptions(
                sampler, sampling, new LogprobDetail(topLogprobs, promptLogprobs), seed, batchSize, tokenLogprobs);
    }
}

package io.spikelet.job.library;

import io.spikelet.engine.decode.LogprobDetail;
import io.spikelet.engine.decode.SamplerPolicy;
import io.spikelet.engine.decode.SamplingParams;
import io.spikelet.job.action.GenerationOptions;
import io.spikelet.job.plan.InputSpec;
import io.spikelet.job.task.GenerationSettings;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * How prompts are completed: the options of {@code spikelet generate} by the same names. Whatever is not set takes the
 * default of the model's sampler; values are checked when the model is known. Every method changes this object and returns
 * it. Not thread-safe.
 */
public final class Generation {
    private Source source;
    private Optional<SamplerPolicy> sampler = Optional.empty();
    private Consumer<SamplingParams.Builder> sampling = defaults -> {};
    private long seed;
    private int batchSize = GenerationSettings.AUTOMATIC;

    private Generation(Source source) {
        this.source = source;
    }

    /** The defaults of every model, with prompts in this column. */
    public static Generation ofColumn(String prompt) {
        return new Generation(new Source(prompt, Optional.empty(), OptionalInt.empty()));
    }

    /** The column with unique row ids; {@value InputSpec#DEFAULT_ID_COLUMN} where there is one, else a hash of the row. */
    public Generation idColumn(String name) {
        source = source.withId(name);
        return this;
    }

    /** In how many partitions the rows are completed; by default one for each core. Results do not depend on it. */
    public Generation partitions(int partitions) {
        source = source.withPartitions(partitions);
        return this;
    }

    /** How tokens are chosen. */
    public Generation sampler(SamplerPolicy policy) {
        sampler = Optional.of(policy);
        return this;
    }

    /** Most tokens of a completion. */
    public Generation maxNewTokens(int tokens) {
        sampling = sampling.andThen(params -> params.maxNewTokens(tokens));
        return this;
    }

    /** Above 0; greedy ignores it. */
    public Generation temperature(float value) {
        sampling = sampling.andThen(params -> params.temperature(value));
        return this;
    }

    /** Only so many of the most probable tokens; 0 keeps all. Greedy ignores it. */
    public Generation topK(int tokens) {
        sampling = sampling.andThen(params -> params.topK(tokens));
        return this;
    }

    /** Only the most probable tokens that have this much together: above 0, at most 1. */
    public Generation topP(float probability) {
        sampling = sampling.andThen(params -> params.topP(probability));
        return this;
    }

    /** 1 is off. */
    public Generation repetitionPenalty(float penalty) {
        sampling = sampling.andThen(params -> params.repetitionPenalty(penalty));
        return this;
    }

    /** With the row id it determines every random number of a row; 0 by default. */
    public Generation seed(long value) {
        seed = value;
        return this;
    }

    /** Rows that a task decodes together; 0, the default, for as many as its memory allows. Results do not depend on it. */
    public Generation batchSize(int rows) {
        batchSize = rows;
        return this;
    }

    Source source() {
        return source;
    }

    GenerationOptions options() {
        return options(batchSize);
    }

    /** With the rows that a task decodes together; SQL functions have one. */
    GenerationOptions options(int together) {
        return new GenerationOptions(sampler, sampling, LogprobDetail.NONE, seed, together, true);
    }
}

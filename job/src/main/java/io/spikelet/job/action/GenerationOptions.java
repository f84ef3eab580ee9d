package io.spikelet.job.action;

import io.spikelet.engine.decode.SamplerPolicy;
import io.spikelet.engine.decode.SamplingParams;
import io.spikelet.engine.model.ModelConfig;
import io.spikelet.engine.model.Variant;
import io.spikelet.job.UsageException;
import io.spikelet.job.task.GenerationSettings;
import java.util.Optional;

/**
 * How to complete prompts; what is empty takes the default of the sampler, which takes that of the model.
 *
 * @param seed with the row id it determines every random number of a row
 * @param batchSize rows that a task decodes together, or {@link GenerationSettings#AUTOMATIC}
 * @param tokenLogprobs whether the table keeps the log-probability of every token
 */
public record GenerationOptions(
        Optional<SamplerPolicy> sampler,
        Optional<Integer> maxNewTokens,
        Optional<Float> temperature,
        Optional<Integer> topK,
        Optional<Float> topP,
        Optional<Float> repetitionPenalty,
        Optional<Boolean> adaptiveTemperature,
        long seed,
        int batchSize,
        boolean tokenLogprobs) {
    private static final int MOST_TOGETHER = 1024;

    /** The defaults of every model. */
    public static GenerationOptions defaults(long seed, int batchSize) {
        return new GenerationOptions(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                seed,
                batchSize,
                true);
    }

    /** The same with another bound on the tokens of a completion. */
    public GenerationOptions withMaxNewTokens(int tokens) {
        return new GenerationOptions(
                sampler,
                Optional.of(tokens),
                temperature,
                topK,
                topP,
                repetitionPenalty,
                adaptiveTemperature,
                seed,
                batchSize,
                tokenLogprobs);
    }

    /**
     * All settings for a model.
     *
     * @throws IllegalArgumentException if one is out of its range
     */
    public GenerationSettings settings(ModelConfig model) {
        SamplerPolicy policy =
                sampler.orElse(model.variant() == Variant.V194M ? SamplerPolicy.V194M : SamplerPolicy.V0_8B);
        SamplingParams defaults = SamplingParams.defaults(policy);
        GenerationSettings settings = new GenerationSettings(
                policy,
                maxNewTokens.orElse(defaults.maxNewTokens()),
                temperature.orElse(defaults.temperature()),
                topK.orElse(defaults.topK()),
                topP.orElse(defaults.topP()),
                repetitionPenalty.orElse(defaults.repetitionPenalty()),
                adaptiveTemperature.orElse(defaults.adaptiveTemperature()),
                seed,
                model.maxSeqLen(),
                batchSize,
                tokenLogprobs);
        settings.sampling();
        if (batchSize < 0 || batchSize > MOST_TOGETHER) {
            throw new UsageException("--batch-size is " + batchSize + "; it must be 1 to " + MOST_TOGETHER
                    + ", or 0 for as many as the memory allows");
        }
        return settings;
    }
}

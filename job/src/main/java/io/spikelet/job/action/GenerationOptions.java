package io.spikelet.job.action;

import io.spikelet.engine.decode.LogprobDetail;
import io.spikelet.engine.decode.SamplingParams;
import io.spikelet.engine.model.FamilyConfig;
import io.spikelet.engine.model.SamplerPolicy;
import io.spikelet.job.UsageException;
import io.spikelet.job.task.GenerationSettings;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * How to complete prompts.
 *
 * @param sampler empty for the one of the model's variant
 * @param sampling sets values that differ from the defaults of the sampler
 * @param detail log-probabilities in the table in addition to those of the tokens
 * @param seed with the row id it determines every random number of a row
 * @param batchSize rows that a task decodes in one batch, or {@link GenerationSettings#AUTOMATIC}
 * @param tokenLogprobs whether the table keeps the log-probability of every token
 */
public record GenerationOptions(
        Optional<SamplerPolicy> sampler,
        Consumer<SamplingParams.Builder> sampling,
        LogprobDetail detail,
        long seed,
        int batchSize,
        boolean tokenLogprobs) {
    private static final int MOST_TOGETHER = 1024;

    /** The defaults of every model. */
    public static GenerationOptions defaults(long seed, int batchSize) {
        return new GenerationOptions(Optional.empty(), defaults -> {}, LogprobDetail.NONE, seed, batchSize, true);
    }

    /** The same with another bound on the tokens of a completion. */
    public GenerationOptions withMaxNewTokens(int tokens) {
        return new GenerationOptions(
                sampler,
                sampling.andThen(params -> params.maxNewTokens(tokens)),
                detail,
                seed,
                batchSize,
                tokenLogprobs);
    }

    /**
     * All settings for a model.
     *
     * @throws IllegalArgumentException if one is out of its range
     */
    public GenerationSettings settings(FamilyConfig model) {
        SamplerPolicy policy = sampler.orElse(model.sampler());
        model.requirePossible(policy);
        SamplingParams.Builder params = SamplingParams.defaults(policy).change();
        sampling.accept(params);
        GenerationSettings settings = new GenerationSettings(
                params.build(),
                detail,
                seed,
                model.contextLength(),
                model.vocabSize(),
                batchSize,
                tokenLogprobs,
                false);
        requireKnown("--banned-ids", settings.sampling().bannedIds(), model.vocabSize());
        requireKnown("--stop-ids", settings.sampling().stopIds(), model.vocabSize());
        if (batchSize < 0 || batchSize > MOST_TOGETHER) {
            throw new UsageException("--batch-size is " + batchSize + "; it must be 1 to " + MOST_TOGETHER
                    + ", or 0 for as many as the memory allows");
        }
        return settings;
    }

    private static void requireKnown(String option, int[] ids, int vocabulary) {
        for (int id : ids) {
            if (id < 0 || id >= vocabulary) {
                throw new UsageException(
                        option + " has " + id + "; the model's vocabulary has ids 0 to " + (vocabulary - 1));
            }
        }
    }
}

package io.spikelet.job.task;

import io.spikelet.engine.decode.SamplerPolicy;
import io.spikelet.engine.decode.SamplingParams;
import java.io.Serializable;

/**
 * How the prompts of a run are completed; travels to the tasks.
 *
 * @param context the model's: tokens that prompt (with BOS) and completion may have together
 * @param batchSize rows that a task decodes together, or {@link #AUTOMATIC}
 * @param tokenLogprobs whether the table keeps the log-probability of every token
 */
public record GenerationSettings(
        SamplerPolicy policy,
        int maxNewTokens,
        float temperature,
        int topK,
        float topP,
        float repetitionPenalty,
        boolean adaptiveTemperature,
        long seed,
        int context,
        int batchSize,
        boolean tokenLogprobs)
        implements Serializable {
    /** As many rows together as a task's share of the heap allows. */
    public static final int AUTOMATIC = 0;

    /** The sampling part, validated. */
    public SamplingParams sampling() {
        return new SamplingParams(
                policy, maxNewTokens, temperature, topK, topP, repetitionPenalty, adaptiveTemperature, new int[0]);
    }
}

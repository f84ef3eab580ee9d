package io.spikelet.job.task;

import io.spikelet.engine.decode.LogprobDetail;
import io.spikelet.engine.decode.SamplingParams;
import java.io.Serializable;

/**
 * How the prompts of a run are completed; serialized to the tasks.
 *
 * @param detail log-probabilities in the table in addition to those of the tokens
 * @param context of the model: maximum tokens of prompt (with BOS) and completion
 * @param vocabulary ids of the model
 * @param batchSize rows that a task decodes in one batch, or {@link #AUTOMATIC}
 * @param tokenLogprobs whether the table keeps the log-probability of every token
 */
public record GenerationSettings(
        SamplingParams sampling,
        LogprobDetail detail,
        long seed,
        int context,
        int vocabulary,
        int batchSize,
        boolean tokenLogprobs)
        implements Serializable {
    /** As many rows in one batch as a task's share of the heap allows. */
    public static final int AUTOMATIC = 0;
}

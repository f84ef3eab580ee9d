package io.spikelet.job.task;

import io.spikelet.engine.decode.LogprobDetail;
import io.spikelet.engine.decode.SamplingParams;
import java.io.Serializable;

/**
 * How the prompts of a run are completed; travels to the tasks.
 *
 * @param detail what the table tells of probabilities beside those of its tokens
 * @param context the model's: tokens that prompt (with BOS) and completion may have together
 * @param vocabulary ids that the model knows
 * @param batchSize rows that a task decodes together, or {@link #AUTOMATIC}
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
    /** As many rows together as a task's share of the heap allows. */
    public static final int AUTOMATIC = 0;
}

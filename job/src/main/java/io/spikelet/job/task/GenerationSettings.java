package io.spikelet.job.task;

import io.spikelet.engine.decode.LogprobDetail;
import io.spikelet.engine.decode.SamplingParams;
import java.io.Serializable;
import java.util.List;

/**
 * How the prompts of a run are completed; serialized to the tasks.
 *
 * @param detail log-probabilities in the table in addition to those of the tokens
 * @param context of the model: maximum tokens of prompt (with BOS) and completion
 * @param vocabulary ids of the model
 * @param batchSize rows that a task decodes in one batch, or {@link #AUTOMATIC}
 * @param tokenLogprobs whether the table keeps the log-probability of every token
 * @param isSample whether completions are short and go to their full length, by which a dry run measures the speed
 */
public record GenerationSettings(
        SamplingParams sampling,
        LogprobDetail detail,
        long seed,
        int context,
        int vocabulary,
        int batchSize,
        boolean tokenLogprobs,
        boolean isSample)
        implements Serializable {
    /** As many rows in one batch as a task's share of the heap allows. */
    public static final int AUTOMATIC = 0;

    private static final int SAMPLE_TOKENS = 12;

    /** The same for a sample. */
    public GenerationSettings ofSample() {
        return new GenerationSettings(sampling, detail, seed, context, vocabulary, batchSize, tokenLogprobs, true);
    }

    /** How a row with such parameters is completed. */
    SamplingParams ofRow(SamplingParams row) {
        if (!isSample) {
            return row;
        }
        int tokens = Math.clamp(row.maxNewTokens(), 2, SAMPLE_TOKENS); // the first is a result of the prompt
        return row.change()
                .maxNewTokens(tokens)
                .minNewTokens(tokens)
                .stopStrings(List.of())
                .build();
    }
}

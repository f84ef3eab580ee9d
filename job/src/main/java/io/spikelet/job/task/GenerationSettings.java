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
 * @param isSample whether completions are all as long as those of {@code sampling}, whatever their rows say
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

    /** The same for short completions of equal length, by which a dry run measures the speed. */
    public GenerationSettings ofSample() {
        return new GenerationSettings(
                ofSample(sampling), detail, seed, context, vocabulary, batchSize, tokenLogprobs, true);
    }

    /** How a row with such parameters is completed. */
    SamplingParams ofRow(SamplingParams row) {
        return isSample ? ofSample(row) : row;
    }

    /** At least two tokens: the first is a result of the prompt. */
    private static SamplingParams ofSample(SamplingParams params) {
        int tokens = Math.clamp(params.maxNewTokens(), 2, SAMPLE_TOKENS);
        return params.change()
                .maxNewTokens(tokens)
                .minNewTokens(tokens)
                .stopStrings(List.of())
                .build();
    }
}

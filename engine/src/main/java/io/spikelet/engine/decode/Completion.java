package io.spikelet.engine.decode;

import io.spikelet.engine.telemetry.OperationCounts;
import io.spikelet.engine.telemetry.SpikeStatistics;
import java.util.List;

/**
 * The result of one {@link GenerationRequest}. A row that failed has {@link FinishReason#ERROR} and an error; it does
 * not affect other rows.
 *
 * @param text the text that the completion appends to the prompt's certain text (see {@link
 *     io.spikelet.engine.token.Tokenizer#certainText}), up to the stop string that ended it
 * @param tokenIds the generated ids, including those of a stop string
 * @param tokenLogprobs natural-log probability of every generated id under the unmodified logits of the tokenizer's
 *     vocabulary
 * @param topTokens the most likely ids at the position of every generated id, if requested
 * @param promptLogprobs the same for the prompt's ids from the second on, if requested, else empty
 * @param promptTopTokens the most likely ids of these positions, if requested
 * @param sumLogprob sum of {@code tokenLogprobs}, accumulated in order
 * @param spikes spike counts of prompt and completion; without populations if the row failed
 * @param operations operation counts of prompt and completion
 * @param errorClass null unless the row failed
 */
@SuppressWarnings("ArrayRecordComponent") // results that are read once, never compared
public record Completion(
        GenerationRequest request,
        String text,
        int[] tokenIds,
        float[] tokenLogprobs,
        TopTokens topTokens,
        float[] promptLogprobs,
        TopTokens promptTopTokens,
        double sumLogprob,
        FinishReason finishReason,
        SpikeStatistics spikes,
        OperationCounts operations,
        double prefillMillis,
        double decodeMillis,
        String errorClass,
        String errorMessage) {
    /** A completion of no tokens. */
    static Completion empty(GenerationRequest request, FinishReason reason, SpikeStatistics spikes) {
        return empty(request, reason, spikes, null, null);
    }

    /** The result of a row that failed. */
    static Completion failed(GenerationRequest request, String errorClass, String errorMessage) {
        return empty(request, FinishReason.ERROR, SpikeStatistics.none(List.of()), errorClass, errorMessage);
    }

    private static Completion empty(
            GenerationRequest request,
            FinishReason reason,
            SpikeStatistics spikes,
            String errorClass,
            String errorMessage) {
        float[] none = new float[0];
        return new Completion(
                request,
                "",
                new int[0],
                none,
                TopTokens.NONE,
                none,
                TopTokens.NONE,
                0,
                reason,
                spikes,
                OperationCounts.NONE,
                0,
                0,
                errorClass,
                errorMessage);
    }
}

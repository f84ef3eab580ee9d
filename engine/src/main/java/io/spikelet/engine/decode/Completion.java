package io.spikelet.engine.decode;

/**
 * What became of one {@link GenerationRequest}. A row that failed has {@link FinishReason#ERROR} and an error; it never
 * costs another row.
 *
 * @param text what the completion appends to the prompt's certain text, up to the stop string that ended it
 * @param tokenIds the generated ids, those that made a stop included
 * @param tokenLogprobs natural-log probability of every generated id under the unmodified logits of the tokenizer's
 *     vocabulary
 * @param topTokens the most likely ids of every generated one's position, if asked for
 * @param promptLogprobs of the prompt's ids from the second on, if asked for, else empty
 * @param promptTopTokens the most likely ids of these positions, if asked for
 * @param sumLogprob sum of {@code tokenLogprobs}, accumulated in order
 * @param encoderFiringRate share of encoder units that fired over prompt and completion
 * @param ffnFiringRate share of feed-forward hidden units that fired, mean over layers
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
        double encoderFiringRate,
        double ffnFiringRate,
        double prefillMillis,
        double decodeMillis,
        String errorClass,
        String errorMessage) {
    /** A completion of no tokens. */
    static Completion empty(GenerationRequest request, FinishReason reason, String errorClass, String errorMessage) {
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
                0,
                0,
                0,
                0,
                errorClass,
                errorMessage);
    }
}

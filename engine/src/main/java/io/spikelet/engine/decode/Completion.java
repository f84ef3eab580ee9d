package io.spikelet.engine.decode;

/**
 * What became of one {@link GenerationRequest}. A row that failed has {@link FinishReason#ERROR} and an error; it never
 * costs another row.
 *
 * @param text the decoded completion
 * @param tokenIds the generated ids, the stopping id included
 * @param tokenLogprobs natural-log probability of every generated id under the unmodified logits of the tokenizer's
 *     vocabulary
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
        double sumLogprob,
        FinishReason finishReason,
        double encoderFiringRate,
        double ffnFiringRate,
        double prefillMillis,
        double decodeMillis,
        String errorClass,
        String errorMessage) {}

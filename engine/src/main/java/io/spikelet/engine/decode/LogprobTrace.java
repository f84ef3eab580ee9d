package io.spikelet.engine.decode;

import io.spikelet.engine.kernel.Kernels;
import java.util.Arrays;

/**
 * Log-probabilities of a sequence's tokens, and of the most likely alternatives, under the unmodified logits. Grows by
 * doubling, so that a token allocates nothing on average. Not thread-safe; one per row.
 */
final class LogprobTrace {
    private final int top;
    private float[] chosen; // (position)
    private int[] topIds; // (position, rank)
    private float[] topLogprobs; // (position, rank)

    /**
     * @param top number of most likely ids to keep per position, at most the vocabulary
     * @param positions expected number of positions
     */
    LogprobTrace(int top, int positions) {
        this.top = top;
        this.chosen = new float[positions];
        this.topIds = new int[positions * top];
        this.topLogprobs = new float[positions * top];
    }

    /**
     * Records the token {@code id} at a position, from {@code logits[offset .. offset + vocabulary)}.
     *
     * @return its log-probability; -Infinity for an id outside of them
     */
    double set(int position, Kernels kernels, float[] logits, int offset, int vocabulary, int id) {
        reserve(position);
        double logSum = SoftmaxStatistics.logSumExp(kernels, logits, offset, vocabulary);
        double logprob = id < vocabulary ? logits[offset + id] - logSum : Double.NEGATIVE_INFINITY;
        chosen[position] = (float) logprob;
        if (top > 0) {
            rank(position * top, logits, offset, vocabulary, logSum);
        }
        return logprob;
    }

    private void reserve(int position) {
        if (position >= chosen.length) {
            int positions = Math.max(position + 1, 2 * chosen.length);
            chosen = Arrays.copyOf(chosen, positions);
            topIds = Arrays.copyOf(topIds, positions * top);
            topLogprobs = Arrays.copyOf(topLogprobs, positions * top);
        }
    }

    /** Inserts into a short sorted list; nearly every id is below its end. */
    private void rank(int start, float[] logits, int offset, int vocabulary, double logSum) {
        int known = 0;
        float least = Float.NEGATIVE_INFINITY;
        for (int id = 0; id < vocabulary; id++) {
            float logit = logits[offset + id];
            if (known == top && !(logit > least)) {
                continue;
            }
            int place = known < top ? known++ : top - 1;
            for (; place > 0 && topLogprobs[start + place - 1] < logit; place--) {
                topLogprobs[start + place] = topLogprobs[start + place - 1];
                topIds[start + place] = topIds[start + place - 1];
            }
            topLogprobs[start + place] = logit;
            topIds[start + place] = id;
            least = topLogprobs[start + known - 1];
        }
        for (int i = start; i < start + top; i++) {
            topLogprobs[i] = (float) (topLogprobs[i] - logSum);
        }
    }

    /** The log-probabilities of the tokens at the first {@code positions} positions. */
    float[] chosen(int positions) {
        return Arrays.copyOf(chosen, positions);
    }

    /** The most likely tokens at the first {@code positions} positions. */
    TopTokens top(int positions) {
        return top == 0
                ? TopTokens.NONE
                : new TopTokens(
                        top, Arrays.copyOf(topIds, positions * top), Arrays.copyOf(topLogprobs, positions * top));
    }
}

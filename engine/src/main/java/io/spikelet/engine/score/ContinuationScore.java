package io.spikelet.engine.score;

import io.spikelet.engine.decode.Decoder;
import io.spikelet.engine.decode.SoftmaxStatistics;
import io.spikelet.engine.token.PairEncoder;

/** One continuation of an item and its likelihood so far. Not thread-safe. */
final class ContinuationScore {
    private final int[] sequence; // (position): input; the next element is its target
    private final int scoreFrom;
    private double logLikelihood;
    private boolean greedy = true;

    /** @param context maximum number of input positions; the sequence is the end of context + continuation that fits */
    ContinuationScore(PairEncoder.Pair pair, int context) {
        int[] first = pair.context();
        int[] second = pair.continuation();
        int length = (int) Math.min((long) first.length + second.length, context + 1L);
        int kept = length - second.length; // of the context
        sequence = new int[length];
        System.arraycopy(first, first.length - kept, sequence, 0, kept);
        System.arraycopy(second, 0, sequence, kept, second.length);
        scoreFrom = kept;
    }

    int[] sequence() {
        return sequence;
    }

    /** Number of positions that have to be decoded. */
    int inputs() {
        return tokens() == 0 ? 0 : sequence.length - 1;
    }

    int tokens() {
        return sequence.length - scoreFrom;
    }

    /** Whether the logits of a position predict a token of the continuation. */
    boolean scores(int position) {
        return position + 1 >= scoreFrom && position < inputs();
    }

    /**
     * Scores the token after a position; call it with ascending positions.
     *
     * @param logSum logarithm of the sum of the exponentials of the position's logits
     * @param argmax the id of the largest logit
     */
    void add(int position, float[] logits, int offset, double logSum, int argmax) {
        int target = sequence[position + 1];
        logLikelihood += logits[offset + target] - logSum;
        greedy &= target == argmax;
    }

    static double logSum(Decoder decoder, int offset) {
        return SoftmaxStatistics.logSumExp(decoder.kernels(), decoder.logits(), offset, decoder.vocabulary());
    }

    double logLikelihood() {
        return logLikelihood;
    }

    boolean greedy() {
        return greedy;
    }

    void restart() {
        logLikelihood = 0;
        greedy = true;
    }
}

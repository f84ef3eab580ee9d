package io.spikelet.engine.score;

import io.spikelet.engine.decode.Decoder;
import io.spikelet.engine.decode.SoftmaxStatistics;

/** The measures of one token under the logits of the position before it. Holds the token measured last. Not thread-safe. */
final class TokenMeasure {
    private final boolean isFull;
    private double nll;
    private int rank;
    private double entropy;

    /** @param isFull whether rank and entropy are computed, which takes two more loops over the vocabulary */
    TokenMeasure(boolean isFull) {
        this.isFull = isFull;
    }

    /** @param offset of the logits that predict the token */
    void take(Decoder decoder, int offset, int tokenId) {
        float[] logits = decoder.logits();
        int vocabulary = decoder.vocabulary();
        SoftmaxStatistics.Sums sums = SoftmaxStatistics.sums(decoder.kernels(), logits, offset, vocabulary);
        nll = sums.nll(logits[offset + tokenId]);
        if (isFull) {
            rank = rank(logits, offset, vocabulary, tokenId);
            entropy = SoftmaxStatistics.entropy(decoder.kernels(), logits, offset, vocabulary, sums);
        }
    }

    /** Negative log-probability, in nats. */
    double nll() {
        return nll;
    }

    int rank() {
        return rank;
    }

    double entropy() {
        return entropy;
    }

    /** Counts without branches, so that C2 vectorises the loop. */
    private static int rank(float[] logits, int offset, int vocabulary, int tokenId) {
        float own = logits[offset + tokenId];
        int rank = 1;
        for (int i = offset; i < offset + tokenId; i++) {
            rank += logits[i] >= own ? 1 : 0;
        }
        for (int i = offset + tokenId + 1; i < offset + vocabulary; i++) {
            rank += logits[i] > own ? 1 : 0;
        }
        return rank;
    }
}

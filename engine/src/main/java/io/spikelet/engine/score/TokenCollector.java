package io.spikelet.engine.score;

import io.spikelet.engine.decode.Decoder;
import io.spikelet.engine.decode.SoftmaxStatistics;

/** Measures tokens against the logits before them, and keeps what it measured. Not thread-safe. */
final class TokenCollector {
    private final int[] positions; // this and the others: (scored token)
    private final int[] tokenIds;
    private final double[] nlls;
    private final int[] ranks;
    private final double[] entropies;
    private int count;

    TokenCollector(int scoredTokens) {
        positions = new int[scoredTokens];
        tokenIds = new int[scoredTokens];
        nlls = new double[scoredTokens];
        ranks = new int[scoredTokens];
        entropies = new double[scoredTokens];
    }

    /**
     * Negative log-probability of a token, in nats.
     *
     * @param offset where the logits begin that predict it
     */
    static double nll(Decoder decoder, int offset, int tokenId) {
        float[] logits = decoder.logits();
        double logSum = SoftmaxStatistics.logSumExp(decoder.kernels(), logits, offset, decoder.vocabulary());
        return logSum - logits[offset + tokenId];
    }

    void add(Decoder decoder, int offset, int position, int tokenId, double nll) {
        positions[count] = position;
        tokenIds[count] = tokenId;
        nlls[count] = nll;
        ranks[count] = rank(decoder.logits(), offset, decoder.vocabulary(), tokenId);
        entropies[count] = SoftmaxStatistics.entropy(decoder.kernels(), decoder.logits(), offset, decoder.vocabulary());
        count++;
    }

    private static int rank(float[] logits, int offset, int vocabulary, int tokenId) {
        float own = logits[offset + tokenId];
        int rank = 1;
        for (int id = 0; id < vocabulary; id++) {
            float other = logits[offset + id];
            if (other > own || (other == own && id < tokenId)) {
                rank++;
            }
        }
        return rank;
    }

    void clear() {
        count = 0;
    }

    TokenScores scores() {
        return new TokenScores(positions, tokenIds, nlls, ranks, entropies);
    }
}

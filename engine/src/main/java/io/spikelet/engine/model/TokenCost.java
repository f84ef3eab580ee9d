package io.spikelet.engine.model;

/**
 * The minimum work per token.
 *
 * @param denseBytes weights of matrices with a continuous input, padding included; shared by the tokens of a pass
 * @param spikeBytes weight vectors of the units that fire; a vector that several tokens of a pass need is read once
 * @param keyValueBytes keys and values of the positions that the token sees
 * @param denseMultiplyAdds products with continuous inputs
 * @param attentionMultiplyAdds scores and weighted values
 * @param additions additions of single elements that spikes cause: weights, and values of attention
 * @param wordOperations operations on words of 64 bits: AND, comparison or population count
 */
public record TokenCost(
        double denseBytes,
        double spikeBytes,
        double keyValueBytes,
        double denseMultiplyAdds,
        double attentionMultiplyAdds,
        double additions,
        double wordOperations) {
    /** The cost of a token that consists of dense products only. */
    public static TokenCost dense(double bytes, double multiplyAdds) {
        return new TokenCost(bytes, 0, 0, multiplyAdds, 0, 0, 0);
    }

    /** The cost of one of several tokens that share their weights. */
    public TokenCost sharedBy(int tokens) {
        return new TokenCost(
                denseBytes / tokens,
                spikeBytes / tokens,
                keyValueBytes,
                denseMultiplyAdds,
                attentionMultiplyAdds,
                additions,
                wordOperations);
    }

    /** Bytes to read from memory. */
    public double bytes() {
        return denseBytes + spikeBytes + keyValueBytes;
    }

    /** Multiply-adds; spikes add without multiplying. */
    public double multiplyAdds() {
        return denseMultiplyAdds + attentionMultiplyAdds;
    }

    /** What spikes cause instead of multiply-adds: additions and operations on bits. */
    public double spikeOperations() {
        return additions + wordOperations;
    }

    /**
     * Everything except the dense multiply-adds, in units of one float32 lane: an addition takes one lane of 32 bits,
     * an operation on a 64-bit word takes two.
     */
    public double otherLanes() {
        return attentionMultiplyAdds + additions + 2 * wordOperations;
    }
}

package io.spikelet.engine.model;

/**
 * The minimum work per token.
 *
 * @param denseBytes weights of matrices with a continuous input, padding included; shared by the tokens of a pass
 * @param spikeBytes weights that the units that fire select; a vector that several tokens of a pass need is read once
 * @param keyValueBytes keys and values of the positions that the token sees
 * @param denseMultiplyAdds products with continuous inputs
 * @param attentionMultiplyAdds scores and weighted values
 */
public record TokenCost(
        double denseBytes,
        double spikeBytes,
        double keyValueBytes,
        double denseMultiplyAdds,
        double attentionMultiplyAdds) {
    /** The cost of one of several tokens that share their weights. */
    public TokenCost sharedBy(int tokens) {
        return new TokenCost(
                denseBytes / tokens, spikeBytes / tokens, keyValueBytes, denseMultiplyAdds, attentionMultiplyAdds);
    }

    /** Bytes to read from memory. */
    public double bytes() {
        return denseBytes + spikeBytes + keyValueBytes;
    }

    /** Multiply-adds; spikes add without multiplying and are not counted. */
    public double multiplyAdds() {
        return denseMultiplyAdds + attentionMultiplyAdds;
    }
}

package io.spikelet.engine.bench;

/**
 * Decoding one token at a time.
 *
 * @param batch sequences of one decoder
 * @param context positions that a token sees
 * @param threads decoders at work at once, each with its own batch; the rate is that of all together
 */
public record DecodeFigure(int batch, int context, int threads, Throughput throughput) {
    /** Whether reading memory is what bounds a pass: a single sequence does not share its weights. */
    public boolean boundByMemory() {
        return batch == 1;
    }

    /** The share of the bound that was reached: memory for a single sequence, multiply-adds for several. */
    public Spread shareOfBound() {
        return boundByMemory() ? throughput.shareOfRead() : throughput.shareOfMultiplyAdds();
    }
}

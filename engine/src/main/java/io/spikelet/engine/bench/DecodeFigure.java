package io.spikelet.engine.bench;

/**
 * Decoding one token at a time.
 *
 * @param batch sequences of one decoder
 * @param context positions that a token sees
 * @param threads decoders that run at once, each with its own batch; the rate is the total of all of them
 */
public record DecodeFigure(int batch, int context, int threads, Throughput throughput) {
    /** Whether memory bandwidth limits a pass: a single sequence does not share its weights. */
    public boolean boundByMemory() {
        return batch == 1;
    }

    /** The share of the limit that was reached: of memory bandwidth for a single sequence, of multiply-adds for several. */
    public Spread shareOfBound() {
        return boundByMemory() ? throughput.shareOfRead() : throughput.shareOfArithmetic();
    }
}

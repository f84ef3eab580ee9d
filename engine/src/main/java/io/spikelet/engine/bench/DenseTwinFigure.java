package io.spikelet.engine.bench;

/**
 * The products of a dense transformer of the model's shape in INT8, without attention and norms, and how decoding
 * compares with them; the two were measured in turns.
 *
 * @param batch tokens at once, and sequences of the decoder
 * @param context positions that a token of the decoder sees
 * @param steps how often a token passes the matrices: once, as in a transformer, or in every time step of the model
 * @param dense the products
 * @param ratio tokens per second of decoding over those of the products, turn by turn; above 1 where spikes are faster
 */
public record DenseTwinFigure(int batch, int context, int steps, Throughput dense, Spread ratio) {
    /**
     * The share of the limit that the products reached: of memory bandwidth for a single token, of multiply-adds for
     * several.
     */
    public Spread shareOfBound() {
        return boundByMemory() ? dense.shareOfRead() : dense.shareOfArithmetic();
    }

    /** Whether memory bandwidth limits the products. */
    public boolean boundByMemory() {
        return batch * steps == 1;
    }
}

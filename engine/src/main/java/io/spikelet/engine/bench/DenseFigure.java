package io.spikelet.engine.bench;

/**
 * The dense products of some tokens at once, without the rest of a token's work.
 *
 * @param columns tokens at once
 */
public record DenseFigure(int columns, Throughput throughput) {
    /** The share of the limit that was reached: of memory bandwidth for a single column, of multiply-adds for several. */
    public Spread shareOfBound() {
        return columns == 1 ? throughput.shareOfRead() : throughput.shareOfArithmetic();
    }
}

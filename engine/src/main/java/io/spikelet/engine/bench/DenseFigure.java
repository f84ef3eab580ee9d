package io.spikelet.engine.bench;

/**
 * The dense products of some tokens at once, without the rest of the tokens.
 *
 * @param columns tokens at once
 */
public record DenseFigure(int columns, Throughput throughput) {
    /** The share of the bound that was reached: memory for a single column, multiply-adds for several. */
    public Spread shareOfBound() {
        return columns == 1 ? throughput.shareOfRead() : throughput.shareOfMultiplyAdds();
    }
}

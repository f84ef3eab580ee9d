package io.spikelet.engine.bench;

/**
 * Reading one sequence; its bound is the multiply-adds.
 *
 * @param tokens length of the sequence
 * @param block positions of one pass
 * @param allLogits whether every position gets logits, as scoring needs them, or the last alone
 */
public record PromptFigure(int tokens, int block, boolean allLogits, Throughput throughput) {
    public Spread shareOfBound() {
        return throughput.shareOfMultiplyAdds();
    }
}

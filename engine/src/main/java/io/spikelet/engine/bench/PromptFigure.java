package io.spikelet.engine.bench;

/**
 * Prefill of one sequence; it is limited by multiply-adds.
 *
 * @param tokens length of the sequence
 * @param block positions of one pass
 * @param allLogits whether logits are computed for every position, as for scoring, or only for the last
 */
public record PromptFigure(int tokens, int block, boolean allLogits, Throughput throughput) {
    public Spread shareOfBound() {
        return throughput.shareOfArithmetic();
    }
}

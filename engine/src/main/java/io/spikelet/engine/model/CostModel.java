package io.spikelet.engine.model;

import io.spikelet.engine.telemetry.SpikeStatistics;

/**
 * The bytes and the operations of a token, from the shapes of a model and what fired. Bytes of weights are counted once a
 * pass, for all of its columns. Immutable.
 */
public interface CostModel {
    /**
     * A token of a pass that advances {@code batch} sequences by one, on average over positions {@code from .. from +
     * positions - 1}.
     */
    TokenCost decode(int batch, int from, int positions, SpikeStatistics fired);

    /** The same for one sequence where every input of the matrices with spikes is visited, whether it fired or not. */
    TokenCost decodeDense(int from, int positions);

    /**
     * A token of a prompt of {@code tokens}, read in passes of {@code block}.
     *
     * @param logitsShare share of the positions that get logits
     */
    TokenCost prompt(int tokens, int block, double logitsShare, SpikeStatistics fired);

    /** The products of one token with continuous inputs on their own, and nothing else. */
    TokenCost denseProducts();
}

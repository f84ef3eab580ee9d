package io.spikelet.engine.model;

import io.spikelet.engine.telemetry.SpikeStatistics;

/**
 * The bytes and operations of a token, from the shapes of a model and its firing rates. Bytes of weights are counted
 * once per pass, for all of its columns. Immutable.
 */
public interface CostModel {
    /**
     * The cost of a token in a pass that advances {@code batch} sequences by one position, on average over positions
     * {@code from .. from + positions - 1}.
     */
    TokenCost decode(int batch, int from, int positions, SpikeStatistics fired);

    /** The same for one sequence, when every input of the spike matrices is read whether it fired or not. */
    TokenCost decodeDense(int from, int positions);

    /**
     * The cost of a token of a prompt of {@code tokens} tokens that is read in passes of {@code block} positions.
     *
     * @param logitsShare share of the positions for which logits are computed
     */
    TokenCost prompt(int tokens, int block, double logitsShare, SpikeStatistics fired);
}

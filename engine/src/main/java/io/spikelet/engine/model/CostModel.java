package io.spikelet.engine.model;

import io.spikelet.engine.telemetry.SpikeStatistics;

/**
 * The bytes and operations of a token, from the shapes of a model and its firing rates. Bytes of weights are counted
 * once per pass, for all of its columns. Immutable.
 */
public interface CostModel {
    /**
     * A token of a pass that advances {@code batch} sequences by one, on average over positions {@code from .. from +
     * positions - 1}.
     */
    TokenCost decode(int batch, int from, int positions, SpikeStatistics fired);

    /** The same for one sequence where every input of the spike matrices is visited, whether it fired or not. */
    TokenCost decodeDense(int from, int positions);

    /**
     * A token of a prompt of {@code tokens}, read in passes of {@code block}.
     *
     * @param logitsShare share of the positions that get logits
     */
    TokenCost prompt(int tokens, int block, double logitsShare, SpikeStatistics fired);

    /** Only the products of one token with continuous inputs. */
    TokenCost denseProducts();
}

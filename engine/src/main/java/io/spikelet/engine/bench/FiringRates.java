package io.spikelet.engine.bench;

import java.util.List;

/**
 * Shares of units that fired, 0 to 1.
 *
 * @param ffn mean over the layers' feed-forward units
 * @param block mean over the layers' outputs
 * @param ffnByLayer one per layer
 * @param blockByLayer one per layer
 */
public record FiringRates(
        double encoder, double ffn, double block, List<Double> ffnByLayer, List<Double> blockByLayer) {
    public FiringRates {
        ffnByLayer = List.copyOf(ffnByLayer);
        blockByLayer = List.copyOf(blockByLayer);
    }
}

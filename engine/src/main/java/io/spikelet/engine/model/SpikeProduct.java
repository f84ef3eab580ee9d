package io.spikelet.engine.model;

/**
 * A matrix whose inputs are spikes.
 *
 * @param tensor its name
 * @param population whose spikes they are
 * @param layer of that population
 */
public record SpikeProduct(String tensor, String population, int layer) {}

package io.spikelet.engine.model;

/**
 * A matrix whose inputs are spikes.
 *
 * @param tensor name of the matrix
 * @param population the neurons whose spikes are the inputs
 * @param layer of that population
 */
public record SpikeProduct(String tensor, String population, int layer) {}

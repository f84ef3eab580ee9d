package io.spikelet.engine.model;

/**
 * The quantisation error of one tensor.
 *
 * @param name the tensor
 * @param maxError largest absolute difference between a weight and its quantised value
 * @param rmsError root of the mean squared difference
 */
public record QuantizationEntry(String name, double maxError, double rmsError) {}

package io.spikelet.engine.kernel;

import io.spikelet.engine.tensor.Matrix;

/** From continuous values to spikes, and products of an input-major matrix with spikes. */
public interface SpikeKernels {
    /**
     * Writes the ascending indices i with {@code values[offset + i] >= threshold}, {@code i < length}, to {@code
     * indices[to ..]} and returns how many there are. NaN does not fire.
     */
    int threshold(float[] values, int offset, int length, float threshold, int[] indices, int to);

    /**
     * One step of leaky integrate-and-fire on {@code membrane[0 .. length)}: {@code v = clamp(fma(leak, v, input), -3,
     * 3)}; a unit with {@code v >= threshold} fires and is reset to 0. Writes the ascending indices of the units that
     * fired to {@code indices[to ..]} and returns how many there are.
     */
    int integrateAndFire(
            float[] membrane,
            float[] input,
            int offset,
            int length,
            float leak,
            float threshold,
            int[] indices,
            int to);

    /**
     * {@code out[j * stride + n] = scale[n] * (sum of code[n, k] over the active k of list j)} for every list.
     *
     * <p>INT8: the sum is an exact integer, converted to float32 once and multiplied by the scale. Float32: additions
     * in ascending order of k starting from +0. In lists with counts, a code is added as often as its count; a float32
     * weight is multiplied by the count, rounded, and then added.
     *
     * @param weights a matrix in {@link io.spikelet.engine.tensor.Layout#INPUT_MAJOR}
     * @param out {@code [lists][stride]}, stride at least the matrix's outputs
     * @throws IllegalArgumentException if the matrix has more outputs than the lists have accumulators for
     */
    void accumulate(Matrix weights, SpikeLists spikes, float[] out, int stride);
}

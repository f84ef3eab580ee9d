package io.spikelet.engine.family.bispikclm;

import io.spikelet.engine.kernel.BinaryKernels;
import io.spikelet.engine.kernel.HeadBits;
import io.spikelet.engine.kernel.MembraneReset;

/**
 * The only kind of neuron: leaky integrate-and-fire over the steps of a token, starting from a membrane of 0. Source:
 * section 3 of the specification.
 */
record Neurons(MembraneReset reset, float decay, float threshold, int steps) {
    static Neurons of(BispikclmConfig config) {
        return new Neurons(config.reset(), config.decay(), config.threshold(), config.steps());
    }

    /** {@code bits (row, words) = SN(charges (row, width))}. */
    void fire(BinaryKernels kernels, float[] charges, int columns, int width, long[] bits) {
        int words = HeadBits.words(width);
        for (int column = 0; column < columns; column++) {
            int row = column * steps;
            fire(kernels, charges, row * width, width, width, bits, row * words, words);
        }
    }

    /** Fires one bank: step t's charges are at {@code offset + t * stride}, its spikes at {@code to + t * wordStride}. */
    void fire(
            BinaryKernels kernels,
            float[] charges,
            int offset,
            int stride,
            int width,
            long[] bits,
            int to,
            int wordStride) {
        kernels.fire(charges, offset, stride, steps, width, reset, decay, threshold, bits, to, wordStride);
    }
}

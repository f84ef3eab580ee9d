package io.spikelet.engine.kernel;

import io.spikelet.engine.tensor.Int8Matrix;

/**
 * Neurons that emit only 0 or 1 over a few time steps, their charges, and attention between bits.
 *
 * <p>Bits are packed into 64-bit words, channel c at bit {@code c % 64} of word {@code c / 64}; bits past the last
 * channel are 0. Integers in {@code float[]} are exact. No kernel here uses fused multiply-add.
 */
public interface BinaryKernels {
    /**
     * A bank of leaky integrate-and-fire neurons over all steps of a token, from membranes of 0: in each step {@code h
     * = beta * v + x}, minus the pending reset of {@link MembraneReset#SOFT_B}, and a spike where {@code h >=
     * threshold}. Every operation is rounded on its own.
     *
     * @param charges step t's charge of neuron i at {@code offset + t * stride + i}
     * @param bits step t's spikes from word {@code to + t * wordStride} on
     */
    void fire(
            float[] charges,
            int offset,
            int stride,
            int steps,
            int length,
            MembraneReset reset,
            float beta,
            float threshold,
            long[] bits,
            int to,
            int wordStride);

    /** {@code x[i] = scales[i] * x[i] + bias[i]}; {@code bias} is null for no bias. */
    void charge(float[] x, int offset, int length, float[] scales, float[] bias);

    /**
     * A linear layer after a LayerNorm whose weight is folded into the codes: {@code x[i] = inverse * (scales[i] *
     * (x[i] - mean * codeSums[i])) + constants[i]}.
     */
    void chargeNormed(
            float[] x,
            int offset,
            int length,
            float mean,
            float inverse,
            float[] scales,
            float[] codeSums,
            float[] constants);

    /**
     * {@code out[to + i] = (x[offset + i] - mean) / sqrt(variance + epsilon)}, computed in double and rounded to
     * float32 once, at the end.
     */
    void normalise(float[] x, int offset, int length, double epsilon, float[] out, int to);

    /** The sum of integers {@code x[offset .. offset + length)}. */
    long sum(float[] x, int offset, int length);

    /** The sum of their squares. */
    long squares(float[] x, int offset, int length);

    /** {@code x[offset + i] += bit i}. */
    void addBits(long[] bits, int from, int length, float[] x, int offset);

    /** {@code x[offset + i] = bit i}. */
    void spread(long[] bits, int from, int length, float[] x, int offset);

    /** {@code y[to + i] += x[offset + i]}. */
    void add(float[] x, int offset, int length, float[] y, int to);

    /** {@code y[to + i] = factor * x[offset + i]}. */
    void scaled(float factor, float[] x, int offset, int length, float[] y, int to);

    /** Number of one bits in {@code words} words. */
    long count(long[] bits, int from, int words);

    /** Sets list {@code list} to the indices of the one bits of {@code bits}. */
    void list(long[] bits, int from, int words, SpikeLists lists, int list);

    /**
     * Sets list {@code list} to the nonzero integers of {@code x[offset .. offset + length)}, with their values as
     * counts; in lists without counts each counts once.
     */
    void list(float[] x, int offset, int length, SpikeLists lists, int list);

    /**
     * The keys that share a channel with a query: bit j of {@code fired[to + head * firedStride ..]} for the keys j =
     * 0 .. positions-1. Word w of key j is {@code keys[at + w * keyStride + j]}.
     */
    void overlap(
            long[] query,
            int from,
            HeadBits heads,
            long[] keys,
            int at,
            int keyStride,
            int positions,
            long[] fired,
            int to,
            int firedStride);

    /** Writes the number of channels of one head that key j shares with the query to {@code scores[to + j]}. */
    void overlaps(
            long[] query,
            int from,
            HeadBits heads,
            int head,
            long[] keys,
            int at,
            int keyStride,
            int positions,
            float[] scores,
            int to);

    /** Sets in {@code out[to ..]} the channels of the head in which at least one of the fired positions has a 1. */
    void any(
            long[] fired,
            int from,
            int positions,
            HeadBits heads,
            int head,
            long[] values,
            int at,
            int valueStride,
            long[] out,
            int to);

    /** Adds to {@code out[to + channel]} the number of fired positions that have a 1 in that channel of the head. */
    void total(
            long[] fired,
            int from,
            int positions,
            HeadBits heads,
            int head,
            long[] values,
            int at,
            int valueStride,
            float[] out,
            int to);

    /**
     * {@code out[to + n] = (float) sum of code[n, k] * x[offset + k]} with exact integers x, for a panel matrix:
     * replaces {@link DenseKernels#multiply} where partial sums could exceed the 24 bits in which float32 is exact.
     */
    void multiplyExactly(Int8Matrix weights, float[] x, int offset, int outputs, float[] out, int to);
}

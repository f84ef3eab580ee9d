package io.spikelet.engine.kernel;

import io.spikelet.engine.tensor.Matrix;

/**
 * Recurrences that run along a sequence, channel by channel, and the elementwise work around them. A method advances
 * one position; the channels of a state are contiguous. Every operation is rounded on its own, from left to right as
 * written, unless {@code fma} is named.
 */
public interface RecurrentKernels {
    /**
     * {@code out = fma((x - mean) * inverse, weight, bias)} with {@code mean} and {@code inverse = 1 / sqrt(variance +
     * epsilon)} in double, rounded once. Their sums, of x and of {@code fma(d, d, sum)} for {@code d = x - mean}, have 8
     * stripes by {@code i % 8} in ascending order joined by the tree +4, +2, +1.
     *
     * @param stripes room for 8
     * @param out may be {@code x} at the same offset
     */
    void layerNorm(
            float[] x, int offset, float[] weight, float[] bias, double epsilon, double[] stripes, float[] out, int to);

    /** {@code out[to + i] = now[offset + i] * share[i] + before[beforeOffset + i] * (1 - share[i])}. */
    void mix(float[] now, int offset, float[] before, int beforeOffset, float[] share, float[] out, int to);

    /** {@code x = 1 / (1 + exp(-x))} in place, exp from {@link Exp#exp(float)}. */
    void sigmoid(float[] x, int offset, int length);

    /** {@code y[yOffset + i] = x[xOffset + i] * y[yOffset + i]}. */
    void multiply(float[] x, int xOffset, float[] y, int yOffset, int length);

    /** {@code x = max(0, x)^2} in place; returns the number of entries that are then above 0. */
    int squaredRelu(float[] x, int offset, int length);

    /**
     * A weighted mean of all values so far, whose weights are multiplied by {@code exp(decay)} at each position. Its
     * sums A and B are kept relative to the largest exponent o, so that no exponential overflows:
     *
     * <pre>
     * n = max(o, first + k);  out = (exp(o - n) A + exp(first + k - n) v) / (exp(o - n) B + exp(first + k - n))
     * n = max(o + decay, k);  A = exp(o + decay - n) A + exp(k - n) v;  B = exp(o + decay - n) B + exp(k - n);  o = n
     * </pre>
     *
     * @param offset of the position in {@code key}, {@code value} and {@code out}
     * @param state A from {@code at} on, then B, then o
     * @param scratch {@code [4 * decay.length]}
     */
    void wkv(
            float[] key,
            float[] value,
            int offset,
            float[] decay,
            float[] first,
            float[] state,
            int at,
            float[] scratch,
            float[] out);

    /**
     * One step of leaky integrate-and-fire: {@code h = v + (x - v) / tau} if the input decays, else {@code h = v / tau + x}; a
     * neuron with {@code h >= threshold} fires, and v becomes 0, or {@code h - threshold} with a soft reset; else h.
     *
     * @param membrane v from {@code at} on
     * @param bits spikes from word {@code to} on; bits past the last neuron are 0
     */
    void fire(
            float[] input,
            int offset,
            int length,
            float tau,
            float threshold,
            boolean softReset,
            boolean decayInput,
            float[] membrane,
            int at,
            long[] bits,
            int to);

    /**
     * The products of a panel matrix with sparse vectors: the same bits as {@link DenseKernels#multiply} if every entry
     * is finite.
     *
     * @param x {@code [columns, inputs]}
     * @param active {@code [columns, inputs]}: of each column, the ascending indices of the entries that are not 0
     * @param counts {@code [columns]}: the number of these indices of each column
     * @param scratch its buffers are used; it must have at least as many columns and inputs
     * @param out {@code [columns, outputs]}
     */
    void multiplyActive(
            Matrix weights, float[] x, int columns, int[] active, int[] counts, PackedColumns scratch, float[] out);

    /**
     * Whether {@link #multiplyActive} takes less time than {@link DenseKernels#multiply}, according to measurements:
     * memory delivers consecutive cache lines four to five times as fast as single ones, and a dense product converts a
     * weight once for several columns.
     *
     * @param active number of nonzero entries, over all columns
     */
    static boolean skippingPays(int columns, int inputs, long active) {
        return active * (columns == 1 ? 5 : 8) <= (long) columns * inputs;
    }
}

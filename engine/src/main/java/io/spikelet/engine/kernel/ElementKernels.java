package io.spikelet.engine.kernel;

import io.spikelet.engine.tensor.Matrix;

/** Norms, gates and the head's arithmetic. Every element is computed independently unless a sum is mentioned. */
public interface ElementKernels {
    /**
     * Adds and normalises: with {@code s = a + b}, {@code out = fma((s - mean) * (1 / sqrt(variance + 1e-5)), weight,
     * bias)}, biased variance. Both sums have 16 stripes by {@code i % 16} in ascending order joined by the tree +8, +4,
     * +2, +1; the variance accumulates {@code fma(d, d, sum)} of {@code d = s - mean}.
     *
     * @param b null for a plain norm of {@code a}
     * @param out may be {@code a} at the same offset
     */
    void layerNorm(
            float[] a, int aOffset, float[] b, int bOffset, float[] weight, float[] bias, float[] out, int outOffset);

    /** {@code state[i] = fma(decay[i], state[i], gain[i] * input[offset + i])}; every array has one entry per channel. */
    void decay(float[] state, float[] decay, float[] gain, float[] input, int offset);

    /** {@code out[to + i] = fma(gate, a[aOffset + i], (1 - gate) * b[bOffset + i])}. */
    void mix(float gate, float[] a, int aOffset, float[] b, int bOffset, int length, float[] out, int to);

    /** {@code x = 0.5 x (1 + erf(x / sqrt 2))} in place, {@code erf} from {@link Erf}. */
    void gelu(float[] x, int offset, int length);

    /** {@code y[yOffset + i] = fma(weight, x[xOffset + i], y[yOffset + i])}. */
    void addScaled(float weight, float[] x, int xOffset, float[] y, int yOffset, int length);

    /** Row {@code token} of a {@link io.spikelet.engine.tensor.Layout#ROW_MAJOR} matrix, scaled, to {@code out[to ..]}. */
    void row(Matrix embedding, int token, float[] out, int to);

    /** {@code values[i] = values[i] * factor}. */
    void scale(float[] values, int offset, int length, float factor);

    /** The lowest index of the largest value in {@code values[offset .. offset + length)}; -1 if one is NaN. */
    int argmax(float[] values, int offset, int length);

    /**
     * Sum over i of {@code exp(values[offset + i] - max)} in double precision: 8 stripes by {@code i % 8} in ascending
     * order joined by the tree +4, +2, +1, exp from {@link Exp#exp(double)}.
     */
    double expSum(float[] values, int offset, int length, float max);

    /**
     * With {@code d = values[offset + i] - max}: the sum over i of {@code exp(d) * (logSum - d)}, or of {@code below} where
     * {@code d < cut}; order and exp as in {@link #expSum}. Divided by the sum of the exponentials it is the entropy of the
     * softmax in nats, with small probabilities replaced.
     *
     * @param cut at least -700, where exp becomes 0
     */
    double entropySum(float[] values, int offset, int length, float max, double logSum, double cut, double below);
}

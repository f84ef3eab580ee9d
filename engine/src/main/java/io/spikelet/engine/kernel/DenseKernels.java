package io.spikelet.engine.kernel;

import io.spikelet.engine.tensor.Matrix;

/** Products of a panel matrix with continuous vectors. */
public interface DenseKernels {
    /**
     * {@code out[c * stride + n] = scale[n] * sum over k of code[n, k] * input[c][k]} for every packed column c and
     * {@code n < outputs}.
     *
     * <p>Canonical order: one {@code fma} chain per output over k = 0 .. inputs-1 starting from +0, then one
     * multiplication by the scale (float32 matrices have none). The bits depend on neither the number of columns nor the
     * vector width.
     *
     * @param weights a matrix in {@link io.spikelet.engine.tensor.Layout#PANEL}
     * @param outputs how many of the matrix's outputs to compute, from the first
     * @param out {@code [columns][stride]}, stride at least {@code outputs}
     */
    void multiply(Matrix weights, PackedColumns input, int outputs, float[] out, int stride);
}

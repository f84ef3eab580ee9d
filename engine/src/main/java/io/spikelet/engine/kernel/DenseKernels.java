package io.spikelet.engine.kernel;

import io.spikelet.engine.tensor.Matrix;
import java.util.Arrays;

/** Products of a panel matrix with continuous vectors. */
public interface DenseKernels {
    /**
     * The products of every packed column c with the first {@code outputs} outputs of a matrix. The bits depend neither
     * on the number of columns nor on the vector width.
     *
     * <p>With float inputs, {@code out[c * stride + n] = scale[n] * sum over k of code[n, k] * input[c][k]}. Canonical order:
     * one {@code fma} chain per output over k = 0 .. inputs-1 starting from +0, then one multiplication by the scale
     * (float32 matrices have none).
     *
     * <p>With a {@linkplain io.spikelet.engine.tensor.W8A8Matrix W8A8 matrix} the input is rounded first. Let m be the
     * largest magnitude of the column's entries. If m is at least 2^-120 and finite, the code of an entry x is {@code x * (127
     * / m)} rounded half to even, and the column's factor is {@code m / 127}, each operation rounded to float32. If m is
     * smaller, codes and factor are 0; if any entry is NaN or infinite, codes are 0 and the factor is NaN, and so is every
     * output. Then {@code out[c * stride + n] = (sum over k of code[n, k] * code[c][k]) * scale[n] * factor[c]}: the sum is an
     * exact int, converted to float32, then multiplied from left to right.
     *
     * @param weights a matrix in {@link io.spikelet.engine.tensor.Layout#PANEL}, or a W8A8 matrix
     * @param outputs number of outputs to compute, from the first on
     * @param out {@code [columns][stride]}, stride at least {@code outputs}
     */
    void multiply(Matrix weights, PackedColumns input, int outputs, float[] out, int stride);

    /**
     * The bits of the largest magnitude in {@code x[offset .. offset + length)}: the largest of the entries' bits, as
     * ints with cleared signs. The bits of NaN are greater than those of infinity.
     */
    int magnitudeBits(float[] x, int offset, int length);

    /**
     * Writes {@code x[offset + i] * inverse}, rounded half to even, to {@code codes[to + i]} and returns the sum of the codes.
     *
     * @param inverse such that no product exceeds 127.5 in magnitude
     */
    int round(float[] x, int offset, int length, float inverse, byte[] codes, int to);

    /**
     * Rounds a vector as {@link #multiply} rounds a column for a W8A8 matrix.
     *
     * @return the value of one unit of the codes, which is 0 for a vector that counts as zero and NaN for one that is
     *     not finite; in both cases all codes are 0
     */
    default float quantize(float[] x, int offset, int length, byte[] codes, int to) {
        int magnitude = magnitudeBits(x, offset, length);
        float factor = ColumnCodes.factor(magnitude);
        if (factor > 0) {
            round(x, offset, length, ColumnCodes.inverse(magnitude), codes, to);
        } else {
            Arrays.fill(codes, to, to + length, (byte) 0);
        }
        return factor;
    }
}

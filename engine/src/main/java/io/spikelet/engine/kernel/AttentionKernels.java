package io.spikelet.engine.kernel;

/**
 * Attention over one head's cache. Keys are stored in panels of {@value #KEYS} ({@code [panels][headDim][16]}), so that
 * a dot product is one {@code fma} chain in its own lane; values are stored one row per key ({@code [panels *
 * 16][headDim]}).
 */
public interface AttentionKernels {
    /** Keys in a panel, and the number of stripes of the softmax sum. */
    int KEYS = 16;

    /** Bytes after the last code of a key or value that a kernel may read but does not use. */
    int SPARE_CODES = 8;

    /**
     * For query q: {@code scores[to + q * scoreStride + 16 p + lane] = scale * (query . key)} over {@code panels}
     * consecutive panels from {@code keys[keyOffset]}; the dot product is one fma chain over the head's channels from +0.
     *
     * @param query query q's head begins at {@code queryOffset + q * queryStride}
     */
    void scores(
            float[] query,
            int queryOffset,
            int queryStride,
            int queries,
            int headDim,
            float[] keys,
            int keyOffset,
            int panels,
            float scale,
            float[] scores,
            int to,
            int scoreStride);

    /** The largest of {@code values[offset .. offset + length)}; NaN if one is NaN, -Infinity if length is 0. */
    float max(float[] values, int offset, int length);

    /**
     * Replaces {@code values[offset + i]} by {@code exp(values[offset + i] - max)} for {@code i < length} and returns
     * their sum. The sum
     * has 16 stripes by {@code i % 16}, each accumulated in ascending order from +0 and joined by the tree +8, +4, +2,
     * +1. {@code exp} is {@link Exp}'s; -Infinity gives exactly 0.
     */
    float softmaxSum(float[] values, int offset, int length, float max);

    /**
     * For query q: {@code out[to + q * outStride + i] = fma(weights[from + q * weightStride + j], values[valueOffset + j *
     * headDim + i], out[...])} for j = 0 .. count-1 in order, for every channel i.
     */
    void addWeighted(
            float[] weights,
            int from,
            int weightStride,
            int queries,
            int count,
            float[] values,
            int valueOffset,
            int headDim,
            float[] out,
            int to,
            int outStride);

    /**
     * Rotates every head of {@code x[offset .. offset + heads * headDim)} in place: with half = headDim / 2, {@code x[j] =
     * fma(x[j], cos[j], -(x[j + half] * sin[j]))} and {@code x[j + half] = fma(x[j + half], cos[j], x[j] * sin[j])}.
     */
    void rotate(float[] x, int offset, int heads, int headDim, float[] cosine, float[] sine);

    /**
     * {@code halves[to + i * step] =} the binary16 value nearest to {@code x[from + i]}, ties to even, for {@code i <
     * count}.
     */
    void narrow(float[] x, int from, int count, short[] halves, int to, int step);

    /** {@code out[to + i]} = the value of the binary16 {@code halves[from + i]}, for {@code i < count}. */
    void widen(short[] halves, int from, int count, float[] out, int to);

    /**
     * Keys in panels: {@code out[to + 16 (headDim p + d) + lane] = codes[from + 16 (headDim p + d) + lane] * factors[at + 16 p
     * + lane]} for {@code p < panels} and every channel d, rounded to float32.
     */
    void dequantizeKeys(byte[] codes, int from, float[] factors, int at, int panels, int headDim, float[] out, int to);

    /**
     * Values in rows: {@code out[to + headDim j + d] = codes[from + headDim j + d] * factors[at + j]} for {@code j < count} and
     * every channel d, rounded to float32.
     */
    void dequantizeValues(byte[] codes, int from, float[] factors, int at, int count, int headDim, float[] out, int to);

    /** {@link #scores} of one query over the keys that {@link #dequantizeKeys} would give. */
    default void scoresOfCodes(
            float[] query,
            int queryOffset,
            int headDim,
            byte[] codes,
            int from,
            float[] factors,
            int at,
            int panels,
            float scale,
            float[] scores,
            int to) {
        ScalarKeyValues.scores(query, queryOffset, headDim, codes, from, factors, at, panels, scale, scores, to);
    }

    /** {@link #addWeighted} to the output of one query, with the values that {@link #dequantizeValues} would give. */
    default void addWeightedCodes(
            float[] weights,
            int first,
            byte[] codes,
            int from,
            float[] factors,
            int at,
            int count,
            int headDim,
            float[] out,
            int to) {
        ScalarKeyValues.addWeighted(weights, first, codes, from, factors, at, count, 0, headDim, out, to);
    }
}

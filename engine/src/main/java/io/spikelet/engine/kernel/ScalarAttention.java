package io.spikelet.engine.kernel;

import static io.spikelet.engine.kernel.AttentionKernels.KEYS;

/** The specification of attention, one element at a time. */
final class ScalarAttention {
    private ScalarAttention() {}

    static void scores(
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
            int scoreStride) {
        for (int q = 0; q < queries; q++) {
            for (int i = 0; i < panels * KEYS; i++) {
                int at = keyOffset + i / KEYS * headDim * KEYS + i % KEYS;
                float sum = 0f;
                for (int d = 0; d < headDim; d++, at += KEYS) {
                    sum = Math.fma(query[queryOffset + q * queryStride + d], keys[at], sum);
                }
                scores[to + q * scoreStride + i] = sum * scale;
            }
        }
    }

    static void addWeighted(float weight, float[] values, int at, int from, int length, float[] out, int to) {
        for (int d = from; d < length; d++) {
            out[to + d] = Math.fma(weight, values[at + d], out[to + d]);
        }
    }

    static void rotateHead(float[] x, int at, int half, int from, float[] cosine, float[] sine) {
        for (int j = from; j < half; j++) {
            float low = x[at + j];
            float high = x[at + half + j];
            x[at + j] = Math.fma(low, cosine[j], -(high * sine[j]));
            x[at + half + j] = Math.fma(high, cosine[j], low * sine[j]);
        }
    }
}

package io.spikelet.engine.kernel;

import static io.spikelet.engine.kernel.AttentionKernels.KEYS;

/** The specification of keys and values that are stored in fewer bits, one element at a time. */
final class ScalarKeyValues {
    private ScalarKeyValues() {}

    static void narrow(float[] x, int from, int count, short[] halves, int to, int step) {
        for (int i = 0, at = to; i < count; i++, at += step) {
            halves[at] = Float.floatToFloat16(x[from + i]);
        }
    }

    /** A loop that the compiler vectorises. */
    static void widen(short[] halves, int from, int count, float[] out, int to) {
        for (int i = 0; i < count; i++) {
            out[to + i] = Float.float16ToFloat(halves[from + i]);
        }
    }

    static void dequantizeKeys(
            byte[] codes, int from, float[] factors, int at, int panels, int headDim, float[] out, int to) {
        for (int i = 0; i < panels * KEYS * headDim; i++) {
            int key = i / (KEYS * headDim) * KEYS + i % KEYS;
            out[to + i] = codes[from + i] * factors[at + key];
        }
    }

    static void dequantizeValues(
            byte[] codes, int from, float[] factors, int at, int count, int headDim, float[] out, int to) {
        for (int j = 0; j < count; j++) {
            dequantize(codes, from + j * headDim, factors[at + j], 0, headDim, out, to + j * headDim);
        }
    }

    static void scores(
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
        for (int i = 0; i < panels * KEYS; i++) {
            int k = from + i / KEYS * headDim * KEYS + i % KEYS;
            float sum = 0f;
            for (int d = 0; d < headDim; d++, k += KEYS) {
                sum = Math.fma(query[queryOffset + d], codes[k] * factors[at + i], sum);
            }
            scores[to + i] = sum * scale;
        }
    }

    /** Processes channels {@code [d, headDim)} of all values. */
    static void addWeighted(
            float[] weights,
            int first,
            byte[] codes,
            int from,
            float[] factors,
            int at,
            int count,
            int d,
            int headDim,
            float[] out,
            int to) {
        for (int j = 0; j < count; j++) {
            for (int i = d; i < headDim; i++) {
                float value = codes[from + j * headDim + i] * factors[at + j];
                out[to + i] = Math.fma(weights[first + j], value, out[to + i]);
            }
        }
    }

    /** Processes channels {@code [d, headDim)} of one value. */
    static void dequantize(byte[] codes, int from, float factor, int d, int headDim, float[] out, int to) {
        for (int i = d; i < headDim; i++) {
            out[to + i] = codes[from + i] * factor;
        }
    }
}

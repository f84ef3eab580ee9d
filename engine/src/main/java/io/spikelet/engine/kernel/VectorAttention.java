package io.spikelet.engine.kernel;

import static io.spikelet.engine.kernel.AttentionKernels.KEYS;
import static io.spikelet.engine.kernel.VectorWidth.FLOATS;
import static io.spikelet.engine.kernel.VectorWidth.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** Attention with one key per lane. */
final class VectorAttention {
    private VectorAttention() {}

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
        int q = 0;
        for (; q + 4 <= queries; q += 4) {
            int from = queryOffset + q * queryStride;
            int at = to + q * scoreStride;
            VectorAttentionTiles.scores(
                    query, from, queryStride, headDim, keys, keyOffset, panels, scale, scores, at, scoreStride);
        }
        for (; q < queries; q++) {
            int from = queryOffset + q * queryStride;
            scoresOfOne(query, from, headDim, keys, keyOffset, panels, scale, scores, to + q * scoreStride);
        }
    }

    private static void scoresOfOne(
            float[] query,
            int from,
            int headDim,
            float[] keys,
            int keyOffset,
            int panels,
            float scale,
            float[] scores,
            int to) {
        int size = headDim * KEYS;
        int panel = 0;
        for (; panel + 4 <= panels; panel += 4) {
            for (int lane = 0; lane < KEYS; lane += LANES) {
                int at = keyOffset + panel * size + lane;
                scores4(query, from, headDim, keys, at, scale, scores, to + panel * KEYS + lane);
            }
        }
        for (; panel < panels; panel++) {
            for (int lane = 0; lane < KEYS; lane += LANES) {
                int at = keyOffset + panel * size + lane;
                scores1(query, from, headDim, keys, at, scale, scores, to + panel * KEYS + lane);
            }
        }
    }

    private static void scores4(
            float[] query, int qo, int headDim, float[] keys, int at, float scale, float[] scores, int to) {
        int size = headDim * KEYS;
        FloatVector s0 = FloatVector.zero(FLOATS);
        FloatVector s1 = FloatVector.zero(FLOATS);
        FloatVector s2 = FloatVector.zero(FLOATS);
        FloatVector s3 = FloatVector.zero(FLOATS);
        for (int d = 0; d < headDim; d++) {
            FloatVector q = FloatVector.broadcast(FLOATS, query[qo + d]);
            int k = at + d * KEYS;
            s0 = q.fma(FloatVector.fromArray(FLOATS, keys, k), s0);
            s1 = q.fma(FloatVector.fromArray(FLOATS, keys, k + size), s1);
            s2 = q.fma(FloatVector.fromArray(FLOATS, keys, k + 2 * size), s2);
            s3 = q.fma(FloatVector.fromArray(FLOATS, keys, k + 3 * size), s3);
        }
        s0.mul(scale).intoArray(scores, to);
        s1.mul(scale).intoArray(scores, to + KEYS);
        s2.mul(scale).intoArray(scores, to + 2 * KEYS);
        s3.mul(scale).intoArray(scores, to + 3 * KEYS);
    }

    private static void scores1(
            float[] query, int qo, int headDim, float[] keys, int at, float scale, float[] scores, int to) {
        FloatVector sum = FloatVector.zero(FLOATS);
        for (int d = 0; d < headDim; d++) {
            sum = FloatVector.broadcast(FLOATS, query[qo + d])
                    .fma(FloatVector.fromArray(FLOATS, keys, at + d * KEYS), sum);
        }
        sum.mul(scale).intoArray(scores, to);
    }

    static float max(float[] values, int offset, int length) {
        FloatVector max = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
        int i = 0;
        for (; i + LANES <= length; i += LANES) {
            max = max.max(FloatVector.fromArray(FLOATS, values, offset + i));
        }
        float result = max.reduceLanes(VectorOperators.MAX);
        for (; i < length; i++) { // scalar tail
            result = Math.max(result, values[offset + i]);
        }
        return result;
    }

    static float softmaxSum(float[] values, int offset, int length, float max) {
        VectorElements.exponentials(values, offset, length, max);
        return VectorElements.sum(values, offset, length);
    }

    static void addWeighted(
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
            int outStride) {
        int q = 0;
        for (; q + 4 <= queries; q += 4) {
            VectorAttentionTiles.addWeighted(
                    weights,
                    from + q * weightStride,
                    weightStride,
                    count,
                    values,
                    valueOffset,
                    headDim,
                    out,
                    to + q * outStride,
                    outStride);
        }
        for (; q < queries; q++) {
            int at = from + q * weightStride;
            addWeightedToOne(weights, at, count, values, valueOffset, headDim, out, to + q * outStride);
        }
    }

    private static void addWeightedToOne(
            float[] weights, int from, int count, float[] values, int valueOffset, int headDim, float[] out, int to) {
        int d = 0;
        for (; d + 4 * LANES <= headDim; d += 4 * LANES) {
            add4(weights, from, count, values, valueOffset + d, headDim, out, to + d);
        }
        for (; d + LANES <= headDim; d += LANES) {
            add1(weights, from, count, values, valueOffset + d, headDim, out, to + d);
        }
        addTail(weights, from, count, values, valueOffset, headDim, d, out, to);
    }

    /** Processes the channels from {@code d} on, which do not fill a vector. */
    static void addTail(
            float[] weights,
            int from,
            int count,
            float[] values,
            int valueOffset,
            int headDim,
            int d,
            float[] out,
            int to) {
        for (int j = 0; d < headDim && j < count; j++) {
            ScalarAttention.addWeighted(weights[from + j], values, valueOffset + j * headDim, d, headDim, out, to);
        }
    }

    private static void add4(
            float[] weights, int from, int count, float[] values, int at, int stride, float[] out, int to) {
        FloatVector o0 = FloatVector.fromArray(FLOATS, out, to);
        FloatVector o1 = FloatVector.fromArray(FLOATS, out, to + LANES);
        FloatVector o2 = FloatVector.fromArray(FLOATS, out, to + 2 * LANES);
        FloatVector o3 = FloatVector.fromArray(FLOATS, out, to + 3 * LANES);
        for (int j = 0, v = at; j < count; j++, v += stride) {
            FloatVector w = FloatVector.broadcast(FLOATS, weights[from + j]);
            o0 = w.fma(FloatVector.fromArray(FLOATS, values, v), o0);
            o1 = w.fma(FloatVector.fromArray(FLOATS, values, v + LANES), o1);
            o2 = w.fma(FloatVector.fromArray(FLOATS, values, v + 2 * LANES), o2);
            o3 = w.fma(FloatVector.fromArray(FLOATS, values, v + 3 * LANES), o3);
        }
        o0.intoArray(out, to);
        o1.intoArray(out, to + LANES);
        o2.intoArray(out, to + 2 * LANES);
        o3.intoArray(out, to + 3 * LANES);
    }

    private static void add1(
            float[] weights, int from, int count, float[] values, int at, int stride, float[] out, int to) {
        FloatVector o = FloatVector.fromArray(FLOATS, out, to);
        for (int j = 0, v = at; j < count; j++, v += stride) {
            o = FloatVector.broadcast(FLOATS, weights[from + j]).fma(FloatVector.fromArray(FLOATS, values, v), o);
        }
        o.intoArray(out, to);
    }

    static void rotate(float[] x, int offset, int heads, int headDim, float[] cosine, float[] sine) {
        int half = headDim / 2;
        for (int h = 0, at = offset; h < heads; h++, at += headDim) {
            int j = 0;
            for (; j + LANES <= half; j += LANES) {
                FloatVector low = FloatVector.fromArray(FLOATS, x, at + j);
                FloatVector high = FloatVector.fromArray(FLOATS, x, at + half + j);
                FloatVector c = FloatVector.fromArray(FLOATS, cosine, j);
                FloatVector s = FloatVector.fromArray(FLOATS, sine, j);
                low.fma(c, high.mul(s).neg()).intoArray(x, at + j);
                high.fma(c, low.mul(s)).intoArray(x, at + half + j);
            }
            ScalarAttention.rotateHead(x, at, half, j, cosine, sine);
        }
    }
}

package io.spikelet.engine.kernel;

import static io.spikelet.engine.kernel.AttentionKernels.KEYS;
import static io.spikelet.engine.kernel.VectorWidth.FLOATS;
import static io.spikelet.engine.kernel.VectorWidth.LANES;

import jdk.incubator.vector.FloatVector;

/** Attention of four queries of one sequence at a time: a key or a value is loaded once for all of them. */
final class VectorAttentionTiles {
    private static final int QUERIES = 4;

    private VectorAttentionTiles() {}

    static void scores(
            float[] query,
            int qo,
            int qs,
            int headDim,
            float[] keys,
            int keyOffset,
            int panels,
            float scale,
            float[] scores,
            int to,
            int ss) {
        int size = headDim * KEYS;
        int panel = 0;
        for (; LANES >= 8 && panel + 2 <= panels; panel += 2) {
            for (int lane = 0; lane < KEYS; lane += LANES) {
                int at = keyOffset + panel * size + lane;
                scores2x4(query, qo, qs, headDim, keys, at, scale, scores, to + panel * KEYS + lane, ss);
            }
        }
        for (; panel < panels; panel++) {
            for (int lane = 0; lane < KEYS; lane += LANES) {
                int at = keyOffset + panel * size + lane;
                scores1x4(query, qo, qs, headDim, keys, at, scale, scores, to + panel * KEYS + lane, ss);
            }
        }
    }

    static void addWeighted(
            float[] weights,
            int from,
            int ws,
            int count,
            float[] values,
            int valueOffset,
            int headDim,
            float[] out,
            int to,
            int os) {
        int d = 0;
        for (; LANES == 16 && d + 4 * LANES <= headDim; d += 4 * LANES) {
            add4x4(weights, from, ws, count, values, valueOffset + d, headDim, out, to + d, os);
        }
        for (; d + 2 * LANES <= headDim; d += 2 * LANES) {
            add2x4(weights, from, ws, count, values, valueOffset + d, headDim, out, to + d, os);
        }
        for (; d + LANES <= headDim; d += LANES) {
            add1x4(weights, from, ws, count, values, valueOffset + d, headDim, out, to + d, os);
        }
        for (int q = 0; q < QUERIES; q++) {
            VectorAttention.addTail(weights, from + q * ws, count, values, valueOffset, headDim, d, out, to + q * os);
        }
    }

    private static void scores2x4(
            float[] query,
            int qo,
            int qs,
            int headDim,
            float[] keys,
            int at,
            float scale,
            float[] scores,
            int to,
            int ss) {
        int size = headDim * KEYS;
        FloatVector s00 = FloatVector.zero(FLOATS);
        FloatVector s01 = FloatVector.zero(FLOATS);
        FloatVector s10 = FloatVector.zero(FLOATS);
        FloatVector s11 = FloatVector.zero(FLOATS);
        FloatVector s20 = FloatVector.zero(FLOATS);
        FloatVector s21 = FloatVector.zero(FLOATS);
        FloatVector s30 = FloatVector.zero(FLOATS);
        FloatVector s31 = FloatVector.zero(FLOATS);
        for (int d = 0; d < headDim; d++) {
            int k = at + d * KEYS;
            FloatVector k0 = FloatVector.fromArray(FLOATS, keys, k);
            FloatVector k1 = FloatVector.fromArray(FLOATS, keys, k + size);
            FloatVector q0 = FloatVector.broadcast(FLOATS, query[qo + d]);
            s00 = q0.fma(k0, s00);
            s01 = q0.fma(k1, s01);
            FloatVector q1 = FloatVector.broadcast(FLOATS, query[qo + qs + d]);
            s10 = q1.fma(k0, s10);
            s11 = q1.fma(k1, s11);
            FloatVector q2 = FloatVector.broadcast(FLOATS, query[qo + 2 * qs + d]);
            s20 = q2.fma(k0, s20);
            s21 = q2.fma(k1, s21);
            FloatVector q3 = FloatVector.broadcast(FLOATS, query[qo + 3 * qs + d]);
            s30 = q3.fma(k0, s30);
            s31 = q3.fma(k1, s31);
        }
        s00.mul(scale).intoArray(scores, to);
        s01.mul(scale).intoArray(scores, to + KEYS);
        s10.mul(scale).intoArray(scores, to + ss);
        s11.mul(scale).intoArray(scores, to + ss + KEYS);
        s20.mul(scale).intoArray(scores, to + 2 * ss);
        s21.mul(scale).intoArray(scores, to + 2 * ss + KEYS);
        s30.mul(scale).intoArray(scores, to + 3 * ss);
        s31.mul(scale).intoArray(scores, to + 3 * ss + KEYS);
    }

    private static void scores1x4(
            float[] query,
            int qo,
            int qs,
            int headDim,
            float[] keys,
            int at,
            float scale,
            float[] scores,
            int to,
            int ss) {
        FloatVector s00 = FloatVector.zero(FLOATS);
        FloatVector s10 = FloatVector.zero(FLOATS);
        FloatVector s20 = FloatVector.zero(FLOATS);
        FloatVector s30 = FloatVector.zero(FLOATS);
        for (int d = 0; d < headDim; d++) {
            int k = at + d * KEYS;
            FloatVector k0 = FloatVector.fromArray(FLOATS, keys, k);
            FloatVector q0 = FloatVector.broadcast(FLOATS, query[qo + d]);
            s00 = q0.fma(k0, s00);
            FloatVector q1 = FloatVector.broadcast(FLOATS, query[qo + qs + d]);
            s10 = q1.fma(k0, s10);
            FloatVector q2 = FloatVector.broadcast(FLOATS, query[qo + 2 * qs + d]);
            s20 = q2.fma(k0, s20);
            FloatVector q3 = FloatVector.broadcast(FLOATS, query[qo + 3 * qs + d]);
            s30 = q3.fma(k0, s30);
        }
        s00.mul(scale).intoArray(scores, to);
        s10.mul(scale).intoArray(scores, to + ss);
        s20.mul(scale).intoArray(scores, to + 2 * ss);
        s30.mul(scale).intoArray(scores, to + 3 * ss);
    }

    private static void add4x4(
            float[] weights,
            int from,
            int ws,
            int count,
            float[] values,
            int at,
            int stride,
            float[] out,
            int to,
            int os) {
        FloatVector o00 = FloatVector.fromArray(FLOATS, out, to);
        FloatVector o01 = FloatVector.fromArray(FLOATS, out, to + LANES);
        FloatVector o02 = FloatVector.fromArray(FLOATS, out, to + 2 * LANES);
        FloatVector o03 = FloatVector.fromArray(FLOATS, out, to + 3 * LANES);
        FloatVector o10 = FloatVector.fromArray(FLOATS, out, to + os);
        FloatVector o11 = FloatVector.fromArray(FLOATS, out, to + os + LANES);
        FloatVector o12 = FloatVector.fromArray(FLOATS, out, to + os + 2 * LANES);
        FloatVector o13 = FloatVector.fromArray(FLOATS, out, to + os + 3 * LANES);
        FloatVector o20 = FloatVector.fromArray(FLOATS, out, to + 2 * os);
        FloatVector o21 = FloatVector.fromArray(FLOATS, out, to + 2 * os + LANES);
        FloatVector o22 = FloatVector.fromArray(FLOATS, out, to + 2 * os + 2 * LANES);
        FloatVector o23 = FloatVector.fromArray(FLOATS, out, to + 2 * os + 3 * LANES);
        FloatVector o30 = FloatVector.fromArray(FLOATS, out, to + 3 * os);
        FloatVector o31 = FloatVector.fromArray(FLOATS, out, to + 3 * os + LANES);
        FloatVector o32 = FloatVector.fromArray(FLOATS, out, to + 3 * os + 2 * LANES);
        FloatVector o33 = FloatVector.fromArray(FLOATS, out, to + 3 * os + 3 * LANES);
        for (int j = 0, v = at; j < count; j++, v += stride) {
            FloatVector v0 = FloatVector.fromArray(FLOATS, values, v);
            FloatVector v1 = FloatVector.fromArray(FLOATS, values, v + LANES);
            FloatVector v2 = FloatVector.fromArray(FLOATS, values, v + 2 * LANES);
            FloatVector v3 = FloatVector.fromArray(FLOATS, values, v + 3 * LANES);
            FloatVector w0 = FloatVector.broadcast(FLOATS, weights[from + j]);
            o00 = w0.fma(v0, o00);
            o01 = w0.fma(v1, o01);
            o02 = w0.fma(v2, o02);
            o03 = w0.fma(v3, o03);
            FloatVector w1 = FloatVector.broadcast(FLOATS, weights[from + ws + j]);
            o10 = w1.fma(v0, o10);
            o11 = w1.fma(v1, o11);
            o12 = w1.fma(v2, o12);
            o13 = w1.fma(v3, o13);
            FloatVector w2 = FloatVector.broadcast(FLOATS, weights[from + 2 * ws + j]);
            o20 = w2.fma(v0, o20);
            o21 = w2.fma(v1, o21);
            o22 = w2.fma(v2, o22);
            o23 = w2.fma(v3, o23);
            FloatVector w3 = FloatVector.broadcast(FLOATS, weights[from + 3 * ws + j]);
            o30 = w3.fma(v0, o30);
            o31 = w3.fma(v1, o31);
            o32 = w3.fma(v2, o32);
            o33 = w3.fma(v3, o33);
        }
        o00.intoArray(out, to);
        o01.intoArray(out, to + LANES);
        o02.intoArray(out, to + 2 * LANES);
        o03.intoArray(out, to + 3 * LANES);
        o10.intoArray(out, to + os);
        o11.intoArray(out, to + os + LANES);
        o12.intoArray(out, to + os + 2 * LANES);
        o13.intoArray(out, to + os + 3 * LANES);
        o20.intoArray(out, to + 2 * os);
        o21.intoArray(out, to + 2 * os + LANES);
        o22.intoArray(out, to + 2 * os + 2 * LANES);
        o23.intoArray(out, to + 2 * os + 3 * LANES);
        o30.intoArray(out, to + 3 * os);
        o31.intoArray(out, to + 3 * os + LANES);
        o32.intoArray(out, to + 3 * os + 2 * LANES);
        o33.intoArray(out, to + 3 * os + 3 * LANES);
    }

    private static void add2x4(
            float[] weights,
            int from,
            int ws,
            int count,
            float[] values,
            int at,
            int stride,
            float[] out,
            int to,
            int os) {
        FloatVector o00 = FloatVector.fromArray(FLOATS, out, to);
        FloatVector o01 = FloatVector.fromArray(FLOATS, out, to + LANES);
        FloatVector o10 = FloatVector.fromArray(FLOATS, out, to + os);
        FloatVector o11 = FloatVector.fromArray(FLOATS, out, to + os + LANES);
        FloatVector o20 = FloatVector.fromArray(FLOATS, out, to + 2 * os);
        FloatVector o21 = FloatVector.fromArray(FLOATS, out, to + 2 * os + LANES);
        FloatVector o30 = FloatVector.fromArray(FLOATS, out, to + 3 * os);
        FloatVector o31 = FloatVector.fromArray(FLOATS, out, to + 3 * os + LANES);
        for (int j = 0, v = at; j < count; j++, v += stride) {
            FloatVector v0 = FloatVector.fromArray(FLOATS, values, v);
            FloatVector v1 = FloatVector.fromArray(FLOATS, values, v + LANES);
            FloatVector w0 = FloatVector.broadcast(FLOATS, weights[from + j]);
            o00 = w0.fma(v0, o00);
            o01 = w0.fma(v1, o01);
            FloatVector w1 = FloatVector.broadcast(FLOATS, weights[from + ws + j]);
            o10 = w1.fma(v0, o10);
            o11 = w1.fma(v1, o11);
            FloatVector w2 = FloatVector.broadcast(FLOATS, weights[from + 2 * ws + j]);
            o20 = w2.fma(v0, o20);
            o21 = w2.fma(v1, o21);
            FloatVector w3 = FloatVector.broadcast(FLOATS, weights[from + 3 * ws + j]);
            o30 = w3.fma(v0, o30);
            o31 = w3.fma(v1, o31);
        }
        o00.intoArray(out, to);
        o01.intoArray(out, to + LANES);
        o10.intoArray(out, to + os);
        o11.intoArray(out, to + os + LANES);
        o20.intoArray(out, to + 2 * os);
        o21.intoArray(out, to + 2 * os + LANES);
        o30.intoArray(out, to + 3 * os);
        o31.intoArray(out, to + 3 * os + LANES);
    }

    private static void add1x4(
            float[] weights,
            int from,
            int ws,
            int count,
            float[] values,
            int at,
            int stride,
            float[] out,
            int to,
            int os) {
        FloatVector o00 = FloatVector.fromArray(FLOATS, out, to);
        FloatVector o10 = FloatVector.fromArray(FLOATS, out, to + os);
        FloatVector o20 = FloatVector.fromArray(FLOATS, out, to + 2 * os);
        FloatVector o30 = FloatVector.fromArray(FLOATS, out, to + 3 * os);
        for (int j = 0, v = at; j < count; j++, v += stride) {
            FloatVector v0 = FloatVector.fromArray(FLOATS, values, v);
            FloatVector w0 = FloatVector.broadcast(FLOATS, weights[from + j]);
            o00 = w0.fma(v0, o00);
            FloatVector w1 = FloatVector.broadcast(FLOATS, weights[from + ws + j]);
            o10 = w1.fma(v0, o10);
            FloatVector w2 = FloatVector.broadcast(FLOATS, weights[from + 2 * ws + j]);
            o20 = w2.fma(v0, o20);
            FloatVector w3 = FloatVector.broadcast(FLOATS, weights[from + 3 * ws + j]);
            o30 = w3.fma(v0, o30);
        }
        o00.intoArray(out, to);
        o10.intoArray(out, to + os);
        o20.intoArray(out, to + 2 * os);
        o30.intoArray(out, to + 3 * os);
    }
}

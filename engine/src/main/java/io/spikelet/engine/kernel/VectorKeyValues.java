package io.spikelet.engine.kernel;

import static io.spikelet.engine.kernel.AttentionKernels.KEYS;
import static io.spikelet.engine.kernel.VectorWidth.CODES;
import static io.spikelet.engine.kernel.VectorWidth.CODES_TYPE;
import static io.spikelet.engine.kernel.VectorWidth.FLOATS;
import static io.spikelet.engine.kernel.VectorWidth.LANES;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;

/**
 * Keys and values that are stored as codes, one vector at a time. {@link VectorPanels} explains why nothing is factored
 * out of the loops.
 */
final class VectorKeyValues {
    private VectorKeyValues() {}

    static void dequantizeKeys(
            byte[] codes, int from, float[] factors, int at, int panels, int headDim, float[] out, int to) {
        int size = KEYS * headDim;
        for (int panel = 0; panel < panels; panel++) {
            for (int lane = 0; lane < KEYS; lane += LANES) {
                int shift = panel * size + lane;
                dequantizeLanes(codes, from + shift, factors, at + panel * KEYS + lane, size, out, to + shift);
            }
        }
    }

    /** Processes the keys of a panel that fill one vector, in every channel. */
    private static void dequantizeLanes(
            byte[] codes, int from, float[] factors, int at, int size, float[] out, int to) {
        FloatVector factor = FloatVector.fromArray(FLOATS, factors, at);
        for (int i = 0; i < size; i += KEYS) {
            ((FloatVector) CODES_TYPE
                            .cast(ByteVector.fromArray(CODES, codes, from + i))
                            .castShape(FLOATS, 0))
                    .mul(factor)
                    .intoArray(out, to + i);
        }
    }

    static void dequantizeValues(
            byte[] codes, int from, float[] factors, int at, int count, int headDim, float[] out, int to) {
        int bound = FLOATS.loopBound(headDim);
        for (int j = 0; j < count; j++) {
            int row = from + j * headDim;
            int target = to + j * headDim;
            float factor = factors[at + j];
            for (int d = 0; d < bound; d += LANES) {
                ((FloatVector) CODES_TYPE
                                .cast(ByteVector.fromArray(CODES, codes, row + d))
                                .castShape(FLOATS, 0))
                        .mul(factor)
                        .intoArray(out, target + d);
            }
            ScalarKeyValues.dequantize(codes, row, factor, bound, headDim, out, target);
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
        int size = headDim * KEYS;
        int panel = 0;
        for (; panel + 4 <= panels; panel += 4) {
            for (int lane = 0; lane < KEYS; lane += LANES) {
                int shift = panel * KEYS + lane;
                int k = from + panel * size + lane;
                scores4(query, queryOffset, headDim, codes, k, factors, at + shift, scale, scores, to + shift);
            }
        }
        for (; panel < panels; panel++) {
            for (int lane = 0; lane < KEYS; lane += LANES) {
                int shift = panel * KEYS + lane;
                int k = from + panel * size + lane;
                scores1(query, queryOffset, headDim, codes, k, factors, at + shift, scale, scores, to + shift);
            }
        }
    }

    private static void scores4(
            float[] query,
            int qo,
            int headDim,
            byte[] codes,
            int from,
            float[] factors,
            int at,
            float scale,
            float[] scores,
            int to) {
        int size = headDim * KEYS;
        FloatVector f0 = FloatVector.fromArray(FLOATS, factors, at);
        FloatVector f1 = FloatVector.fromArray(FLOATS, factors, at + KEYS);
        FloatVector f2 = FloatVector.fromArray(FLOATS, factors, at + 2 * KEYS);
        FloatVector f3 = FloatVector.fromArray(FLOATS, factors, at + 3 * KEYS);
        FloatVector s0 = FloatVector.zero(FLOATS);
        FloatVector s1 = FloatVector.zero(FLOATS);
        FloatVector s2 = FloatVector.zero(FLOATS);
        FloatVector s3 = FloatVector.zero(FLOATS);
        for (int d = 0; d < headDim; d++) {
            int k = from + d * KEYS;
            FloatVector q = FloatVector.broadcast(FLOATS, query[qo + d]);
            s0 = q.fma(
                    ((FloatVector) CODES_TYPE
                                    .cast(ByteVector.fromArray(CODES, codes, k))
                                    .castShape(FLOATS, 0))
                            .mul(f0),
                    s0);
            s1 = q.fma(
                    ((FloatVector) CODES_TYPE
                                    .cast(ByteVector.fromArray(CODES, codes, k + size))
                                    .castShape(FLOATS, 0))
                            .mul(f1),
                    s1);
            s2 = q.fma(
                    ((FloatVector) CODES_TYPE
                                    .cast(ByteVector.fromArray(CODES, codes, k + 2 * size))
                                    .castShape(FLOATS, 0))
                            .mul(f2),
                    s2);
            s3 = q.fma(
                    ((FloatVector) CODES_TYPE
                                    .cast(ByteVector.fromArray(CODES, codes, k + 3 * size))
                                    .castShape(FLOATS, 0))
                            .mul(f3),
                    s3);
        }
        s0.mul(scale).intoArray(scores, to);
        s1.mul(scale).intoArray(scores, to + KEYS);
        s2.mul(scale).intoArray(scores, to + 2 * KEYS);
        s3.mul(scale).intoArray(scores, to + 3 * KEYS);
    }

    private static void scores1(
            float[] query,
            int qo,
            int headDim,
            byte[] codes,
            int from,
            float[] factors,
            int at,
            float scale,
            float[] scores,
            int to) {
        FloatVector factor = FloatVector.fromArray(FLOATS, factors, at);
        FloatVector sum = FloatVector.zero(FLOATS);
        for (int d = 0; d < headDim; d++) {
            sum = FloatVector.broadcast(FLOATS, query[qo + d])
                    .fma(
                            ((FloatVector) CODES_TYPE
                                            .cast(ByteVector.fromArray(CODES, codes, from + d * KEYS))
                                            .castShape(FLOATS, 0))
                                    .mul(factor),
                            sum);
        }
        sum.mul(scale).intoArray(scores, to);
    }

    static void addWeighted(
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
        int d = 0;
        for (; d + 4 * LANES <= headDim; d += 4 * LANES) {
            add4(weights, first, codes, from + d, factors, at, count, headDim, out, to + d);
        }
        for (; d + LANES <= headDim; d += LANES) {
            add1(weights, first, codes, from + d, factors, at, count, headDim, out, to + d);
        }
        ScalarKeyValues.addWeighted(weights, first, codes, from, factors, at, count, d, headDim, out, to);
    }

    private static void add4(
            float[] weights,
            int first,
            byte[] codes,
            int from,
            float[] factors,
            int at,
            int count,
            int stride,
            float[] out,
            int to) {
        FloatVector o0 = FloatVector.fromArray(FLOATS, out, to);
        FloatVector o1 = FloatVector.fromArray(FLOATS, out, to + LANES);
        FloatVector o2 = FloatVector.fromArray(FLOATS, out, to + 2 * LANES);
        FloatVector o3 = FloatVector.fromArray(FLOATS, out, to + 3 * LANES);
        for (int j = 0, v = from; j < count; j++, v += stride) {
            FloatVector w = FloatVector.broadcast(FLOATS, weights[first + j]);
            FloatVector factor = FloatVector.broadcast(FLOATS, factors[at + j]);
            o0 = w.fma(
                    ((FloatVector) CODES_TYPE
                                    .cast(ByteVector.fromArray(CODES, codes, v))
                                    .castShape(FLOATS, 0))
                            .mul(factor),
                    o0);
            o1 = w.fma(
                    ((FloatVector) CODES_TYPE
                                    .cast(ByteVector.fromArray(CODES, codes, v + LANES))
                                    .castShape(FLOATS, 0))
                            .mul(factor),
                    o1);
            o2 = w.fma(
                    ((FloatVector) CODES_TYPE
                                    .cast(ByteVector.fromArray(CODES, codes, v + 2 * LANES))
                                    .castShape(FLOATS, 0))
                            .mul(factor),
                    o2);
            o3 = w.fma(
                    ((FloatVector) CODES_TYPE
                                    .cast(ByteVector.fromArray(CODES, codes, v + 3 * LANES))
                                    .castShape(FLOATS, 0))
                            .mul(factor),
                    o3);
        }
        o0.intoArray(out, to);
        o1.intoArray(out, to + LANES);
        o2.intoArray(out, to + 2 * LANES);
        o3.intoArray(out, to + 3 * LANES);
    }

    private static void add1(
            float[] weights,
            int first,
            byte[] codes,
            int from,
            float[] factors,
            int at,
            int count,
            int stride,
            float[] out,
            int to) {
        FloatVector o = FloatVector.fromArray(FLOATS, out, to);
        for (int j = 0, v = from; j < count; j++, v += stride) {
            o = FloatVector.broadcast(FLOATS, weights[first + j])
                    .fma(
                            ((FloatVector) CODES_TYPE
                                            .cast(ByteVector.fromArray(CODES, codes, v))
                                            .castShape(FLOATS, 0))
                                    .mul(factors[at + j]),
                            o);
        }
        o.intoArray(out, to);
    }
}

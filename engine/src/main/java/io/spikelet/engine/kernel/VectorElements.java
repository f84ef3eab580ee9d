package io.spikelet.engine.kernel;

import static io.spikelet.engine.kernel.VectorWidth.CODES;
import static io.spikelet.engine.kernel.VectorWidth.CODES_TYPE;
import static io.spikelet.engine.kernel.VectorWidth.FLOATS;
import static io.spikelet.engine.kernel.VectorWidth.LANES;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.spikelet.engine.tensor.Int8Matrix;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Norms, gates, exponentials and the head's arithmetic.
 *
 * <p>No method passes a vector to another method of this project. When C2 inlines a kernel into a large caller, its
 * inlining budget may be exhausted before it reaches a helper method. The helper then remains a call, and every vector
 * argument is boxed; methods of the Vector API are exempt from that budget. So the exponential and the tree of the
 * stripes are written out where they are used.
 */
final class VectorElements {
    private static final int STRIPES = 16;

    private VectorElements() {}

    /** Replaces {@code values[offset + i]} by {@link Exp#exp(float)} of {@code values[offset + i] - max}. */
    static void exponentials(float[] values, int offset, int length, float max) {
        int bound = FLOATS.loopBound(length);
        for (int i = offset; i < offset + bound; i += LANES) {
            FloatVector x = FloatVector.fromArray(FLOATS, values, i).sub(max);
            FloatVector capped = x.min(Exp.FLOAT_HIGHEST);
            FloatVector rounded =
                    capped.fma(FloatVector.broadcast(FLOATS, Exp.LOG2_E), FloatVector.broadcast(FLOATS, Exp.ROUND));
            FloatVector n = rounded.sub(Exp.ROUND);
            FloatVector r = n.fma(FloatVector.broadcast(FLOATS, Exp.MINUS_LN2_HIGH), capped);
            r = n.fma(FloatVector.broadcast(FLOATS, Exp.MINUS_LN2_LOW), r);
            FloatVector p = FloatVector.broadcast(FLOATS, Exp.P5).fma(r, FloatVector.broadcast(FLOATS, Exp.P4));
            p = p.fma(r, FloatVector.broadcast(FLOATS, Exp.P3));
            p = p.fma(r, FloatVector.broadcast(FLOATS, Exp.P2));
            p = p.fma(r, FloatVector.broadcast(FLOATS, Exp.P1));
            p = p.fma(r, FloatVector.broadcast(FLOATS, Exp.P0));
            p = p.fma(r.mul(r), r).add(1f);
            FloatVector power = rounded.reinterpretAsInts()
                    .sub(Exp.ROUND_BITS)
                    .add(127)
                    .lanewise(VectorOperators.LSHL, 23)
                    .reinterpretAsFloats();
            p = p.mul(power).blend(0f, x.compare(VectorOperators.LT, Exp.FLOAT_LOWEST));
            p.intoArray(values, i);
        }
        ScalarKernels.exponentials(values, offset + bound, offset + length, max);
    }

    static void layerNorm(
            float[] a, int aOffset, float[] b, int bOffset, float[] weight, float[] bias, float[] out, int outOffset) {
        int n = weight.length;
        int i = 0;
        for (; i + LANES <= n; i += LANES) {
            FloatVector s = FloatVector.fromArray(FLOATS, a, aOffset + i);
            (b == null ? s : s.add(FloatVector.fromArray(FLOATS, b, bOffset + i))).intoArray(out, outOffset + i);
        }
        for (; i < n; i++) { // scalar tail
            out[outOffset + i] = b == null ? a[aOffset + i] : a[aOffset + i] + b[bOffset + i];
        }
        float mean = sum(out, outOffset, n) / n;
        float variance = squares(out, outOffset, n, mean) / n;
        float inverse = 1f / (float) Math.sqrt(variance + ScalarKernels.EPSILON);
        int bound = FLOATS.loopBound(n);
        for (i = 0; i < bound; i += LANES) {
            FloatVector.fromArray(FLOATS, out, outOffset + i)
                    .sub(mean)
                    .mul(inverse)
                    .fma(FloatVector.fromArray(FLOATS, weight, i), FloatVector.fromArray(FLOATS, bias, i))
                    .intoArray(out, outOffset + i);
        }
        ScalarKernels.normalise(out, outOffset, bound, mean, inverse, weight, bias);
    }

    /** The canonical sum in 16 stripes; {@link ScalarKernels#sum} if the length is not a multiple of 16. */
    static float sum(float[] x, int offset, int length) {
        if (length % STRIPES != 0) {
            return ScalarKernels.sum(x, offset, length, 0, 1);
        }
        FloatVector s0 = FloatVector.zero(FLOATS);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        for (int i = offset; i < offset + length; i += STRIPES) {
            s0 = s0.add(FloatVector.fromArray(FLOATS, x, i));
            if (LANES <= 8) {
                s1 = s1.add(FloatVector.fromArray(FLOATS, x, i + LANES));
            }
            if (LANES == 4) {
                s2 = s2.add(FloatVector.fromArray(FLOATS, x, i + 8));
                s3 = s3.add(FloatVector.fromArray(FLOATS, x, i + 12));
            }
        }
        if (LANES == 16) {
            float a = (s0.lane(0) + s0.lane(8)) + (s0.lane(4) + s0.lane(12));
            float b = (s0.lane(1) + s0.lane(9)) + (s0.lane(5) + s0.lane(13));
            float c = (s0.lane(2) + s0.lane(10)) + (s0.lane(6) + s0.lane(14));
            float d = (s0.lane(3) + s0.lane(11)) + (s0.lane(7) + s0.lane(15));
            return (a + c) + (b + d);
        }
        if (LANES == 8) {
            FloatVector s = s0.add(s1);
            return ((s.lane(0) + s.lane(4)) + (s.lane(2) + s.lane(6)))
                    + ((s.lane(1) + s.lane(5)) + (s.lane(3) + s.lane(7)));
        }
        FloatVector s = s0.add(s2).add(s1.add(s3));
        return (s.lane(0) + s.lane(2)) + (s.lane(1) + s.lane(3));
    }

    /** The canonical sum of squared deviations, as {@link #sum}. */
    private static float squares(float[] x, int offset, int length, float mean) {
        if (length % STRIPES != 0) {
            return ScalarKernels.squares(x, offset, length, mean, 0, 1);
        }
        FloatVector s0 = FloatVector.zero(FLOATS);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        for (int i = offset; i < offset + length; i += STRIPES) {
            FloatVector d0 = FloatVector.fromArray(FLOATS, x, i).sub(mean);
            s0 = d0.fma(d0, s0);
            if (LANES <= 8) {
                FloatVector d1 = FloatVector.fromArray(FLOATS, x, i + LANES).sub(mean);
                s1 = d1.fma(d1, s1);
            }
            if (LANES == 4) {
                FloatVector d2 = FloatVector.fromArray(FLOATS, x, i + 8).sub(mean);
                s2 = d2.fma(d2, s2);
                FloatVector d3 = FloatVector.fromArray(FLOATS, x, i + 12).sub(mean);
                s3 = d3.fma(d3, s3);
            }
        }
        if (LANES == 16) {
            float a = (s0.lane(0) + s0.lane(8)) + (s0.lane(4) + s0.lane(12));
            float b = (s0.lane(1) + s0.lane(9)) + (s0.lane(5) + s0.lane(13));
            float c = (s0.lane(2) + s0.lane(10)) + (s0.lane(6) + s0.lane(14));
            float d = (s0.lane(3) + s0.lane(11)) + (s0.lane(7) + s0.lane(15));
            return (a + c) + (b + d);
        }
        if (LANES == 8) {
            FloatVector s = s0.add(s1);
            return ((s.lane(0) + s.lane(4)) + (s.lane(2) + s.lane(6)))
                    + ((s.lane(1) + s.lane(5)) + (s.lane(3) + s.lane(7)));
        }
        FloatVector s = s0.add(s2).add(s1.add(s3));
        return (s.lane(0) + s.lane(2)) + (s.lane(1) + s.lane(3));
    }

    static void decay(float[] state, float[] decay, float[] gain, float[] input, int offset) {
        int bound = FLOATS.loopBound(state.length);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector u =
                    FloatVector.fromArray(FLOATS, gain, i).mul(FloatVector.fromArray(FLOATS, input, offset + i));
            FloatVector.fromArray(FLOATS, decay, i)
                    .fma(FloatVector.fromArray(FLOATS, state, i), u)
                    .intoArray(state, i);
        }
        ScalarKernels.decay(state, decay, gain, input, offset, bound);
    }

    static void mix(float gate, float[] a, int aOffset, float[] b, int bOffset, int length, float[] out, int to) {
        FloatVector gates = FloatVector.broadcast(FLOATS, gate);
        float rest = 1f - gate;
        int bound = FLOATS.loopBound(length);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector other = FloatVector.fromArray(FLOATS, b, bOffset + i).mul(rest);
            gates.fma(FloatVector.fromArray(FLOATS, a, aOffset + i), other).intoArray(out, to + i);
        }
        ScalarKernels.mix(gate, a, aOffset, b, bOffset, bound, length, out, to);
    }

    static void gelu(float[] values, int offset, int length) {
        int bound = FLOATS.loopBound(length);
        for (int i = offset; i < offset + bound; i += LANES) {
            FloatVector v = FloatVector.fromArray(FLOATS, values, i);
            FloatVector z = v.mul(ScalarKernels.SQRT_HALF);
            FloatVector t = z.abs().min(Erf.LARGEST);
            FloatVector s = t.mul(t);
            FloatVector p = FloatVector.broadcast(FLOATS, Erf.S6).fma(s, FloatVector.broadcast(FLOATS, Erf.S5));
            p = p.fma(s, FloatVector.broadcast(FLOATS, Erf.S4));
            p = p.fma(s, FloatVector.broadcast(FLOATS, Erf.S3));
            p = p.fma(s, FloatVector.broadcast(FLOATS, Erf.S2));
            p = p.fma(s, FloatVector.broadcast(FLOATS, Erf.S1));
            FloatVector small = t.mul(p.fma(s, FloatVector.broadcast(FLOATS, Erf.S0)));
            FloatVector q = FloatVector.broadcast(FLOATS, Erf.Q8).fma(t, FloatVector.broadcast(FLOATS, Erf.Q7));
            q = q.fma(t, FloatVector.broadcast(FLOATS, Erf.Q6));
            q = q.fma(t, FloatVector.broadcast(FLOATS, Erf.Q5));
            q = q.fma(t, FloatVector.broadcast(FLOATS, Erf.Q4));
            q = q.fma(t, FloatVector.broadcast(FLOATS, Erf.Q3));
            q = q.fma(t, FloatVector.broadcast(FLOATS, Erf.Q2));
            q = q.fma(t, FloatVector.broadcast(FLOATS, Erf.Q1));
            FloatVector x = q.fma(t, FloatVector.broadcast(FLOATS, Erf.Q0)).neg();
            FloatVector capped = x.min(Exp.FLOAT_HIGHEST);
            FloatVector rounded =
                    capped.fma(FloatVector.broadcast(FLOATS, Exp.LOG2_E), FloatVector.broadcast(FLOATS, Exp.ROUND));
            FloatVector n = rounded.sub(Exp.ROUND);
            FloatVector r = n.fma(FloatVector.broadcast(FLOATS, Exp.MINUS_LN2_HIGH), capped);
            r = n.fma(FloatVector.broadcast(FLOATS, Exp.MINUS_LN2_LOW), r);
            FloatVector e = FloatVector.broadcast(FLOATS, Exp.P5).fma(r, FloatVector.broadcast(FLOATS, Exp.P4));
            e = e.fma(r, FloatVector.broadcast(FLOATS, Exp.P3));
            e = e.fma(r, FloatVector.broadcast(FLOATS, Exp.P2));
            e = e.fma(r, FloatVector.broadcast(FLOATS, Exp.P1));
            e = e.fma(r, FloatVector.broadcast(FLOATS, Exp.P0));
            e = e.fma(r.mul(r), r).add(1f);
            FloatVector power = rounded.reinterpretAsInts()
                    .sub(Exp.ROUND_BITS)
                    .add(127)
                    .lanewise(VectorOperators.LSHL, 23)
                    .reinterpretAsFloats();
            e = e.mul(power).blend(0f, x.compare(VectorOperators.LT, Exp.FLOAT_LOWEST));
            FloatVector magnitude =
                    FloatVector.broadcast(FLOATS, 1f).sub(e).blend(small, t.compare(VectorOperators.LT, 1f));
            // copysign, as in the scalar kernel
            FloatVector erf = magnitude
                    .reinterpretAsInts()
                    .and(Integer.MAX_VALUE)
                    .or(z.reinterpretAsInts().and(Integer.MIN_VALUE))
                    .reinterpretAsFloats();
            v.mul(0.5f).mul(erf.add(1f)).intoArray(values, i);
        }
        ScalarKernels.gelu(values, offset, bound, length);
    }

    static void addScaled(float weight, float[] x, int xOffset, float[] y, int yOffset, int length) {
        FloatVector w = FloatVector.broadcast(FLOATS, weight);
        int i = 0;
        for (; i + LANES <= length; i += LANES) {
            w.fma(FloatVector.fromArray(FLOATS, x, xOffset + i), FloatVector.fromArray(FLOATS, y, yOffset + i))
                    .intoArray(y, yOffset + i);
        }
        for (; i < length; i++) { // scalar tail
            y[yOffset + i] = Math.fma(weight, x[xOffset + i], y[yOffset + i]);
        }
    }

    static void row(Int8Matrix w, int token, float[] out, int to) {
        long at = w.layout().index(token, 0, w.outputs(), w.inputs());
        float scale = w.scales()[token];
        int i = 0;
        for (; i + CODES.length() <= w.inputs(); i += LANES) {
            ((FloatVector) CODES_TYPE
                            .cast(ByteVector.fromMemorySegment(CODES, w.data(), at + i, LITTLE_ENDIAN))
                            .castShape(FLOATS, 0))
                    .mul(scale)
                    .intoArray(out, to + i);
        }
        for (; i < w.inputs(); i++) { // scalar tail
            out[to + i] = w.data().get(ValueLayout.JAVA_BYTE, at + i) * scale;
        }
    }

    static void scale(float[] values, int offset, int length, float factor) {
        int i = 0;
        for (; i + LANES <= length; i += LANES) {
            FloatVector.fromArray(FLOATS, values, offset + i).mul(factor).intoArray(values, offset + i);
        }
        for (; i < length; i++) { // scalar tail
            values[offset + i] *= factor;
        }
    }

    /** {@code out[to + i] = a[aOffset + i] * b[bOffset + i]}. */
    static void multiply(float[] a, int aOffset, float[] b, int bOffset, int length, float[] out, int to) {
        int i = 0;
        for (; i + LANES <= length; i += LANES) {
            FloatVector.fromArray(FLOATS, a, aOffset + i)
                    .mul(FloatVector.fromArray(FLOATS, b, bOffset + i))
                    .intoArray(out, to + i);
        }
        for (; i < length; i++) { // scalar tail
            out[to + i] = a[aOffset + i] * b[bOffset + i];
        }
    }
}

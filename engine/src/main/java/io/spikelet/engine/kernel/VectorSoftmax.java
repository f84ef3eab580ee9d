package io.spikelet.engine.kernel;

import static io.spikelet.engine.kernel.VectorWidth.DOUBLES;
import static io.spikelet.engine.kernel.VectorWidth.HALF_FLOATS;
import static io.spikelet.engine.kernel.VectorWidth.HALF_FLOATS_TYPE;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** Sums over a vocabulary in double precision. */
final class VectorSoftmax {
    private static final int STRIPES = 8;

    private VectorSoftmax() {}

    static double expSum(float[] values, int offset, int length, float max) {
        int lanes = DOUBLES.length();
        DoubleVector s0 = DoubleVector.zero(DOUBLES);
        DoubleVector s1 = s0;
        DoubleVector s2 = s0;
        DoubleVector s3 = s0;
        for (int i = 0; i < length; i += STRIPES) {
            s0 = s0.add(exponentials(values, offset, i, length, max));
            if (lanes <= 4) {
                s1 = s1.add(exponentials(values, offset, i + lanes, length, max));
            }
            if (lanes == 2) {
                s2 = s2.add(exponentials(values, offset, i + 4, length, max));
                s3 = s3.add(exponentials(values, offset, i + 6, length, max));
            }
        }
        return tree(s0, s1, s2, s3);
    }

    static double entropySum(
            float[] values, int offset, int length, float max, double logSum, double cut, double below) {
        int lanes = DOUBLES.length();
        DoubleVector s0 = DoubleVector.zero(DOUBLES);
        DoubleVector s1 = s0;
        DoubleVector s2 = s0;
        DoubleVector s3 = s0;
        for (int i = 0; i < length; i += STRIPES) {
            s0 = s0.add(entropies(values, offset, i, length, max, logSum, cut, below));
            if (lanes <= 4) {
                s1 = s1.add(entropies(values, offset, i + lanes, length, max, logSum, cut, below));
            }
            if (lanes == 2) {
                s2 = s2.add(entropies(values, offset, i + 4, length, max, logSum, cut, below));
                s3 = s3.add(entropies(values, offset, i + 6, length, max, logSum, cut, below));
            }
        }
        return tree(s0, s1, s2, s3);
    }

    private static DoubleVector entropies(
            float[] values, int offset, int i, int length, float max, double logSum, double cut, double below) {
        boolean whole = i + DOUBLES.length() <= length;
        FloatVector x = whole
                ? FloatVector.fromArray(HALF_FLOATS, values, offset + i)
                : FloatVector.fromArray(HALF_FLOATS, values, offset + i, HALF_FLOATS.indexInRange(i, length));
        DoubleVector distance = ((DoubleVector) HALF_FLOATS_TYPE.cast(x).castShape(DOUBLES, 0)).sub(max);
        DoubleVector terms = exp(distance)
                .mul(DoubleVector.broadcast(DOUBLES, logSum).sub(distance))
                .blend(below, distance.compare(VectorOperators.LT, cut));
        return whole ? terms : terms.blend(0, DOUBLES.indexInRange(i, length).not());
    }

    /** Joins the 8 stripes held in one, two or four vectors: +4, +2, +1. */
    private static double tree(DoubleVector s0, DoubleVector s1, DoubleVector s2, DoubleVector s3) {
        if (DOUBLES.length() == 8) {
            double even = (s0.lane(0) + s0.lane(4)) + (s0.lane(2) + s0.lane(6));
            return even + ((s0.lane(1) + s0.lane(5)) + (s0.lane(3) + s0.lane(7)));
        }
        if (DOUBLES.length() == 4) {
            DoubleVector s = s0.add(s1);
            return (s.lane(0) + s.lane(2)) + (s.lane(1) + s.lane(3));
        }
        DoubleVector s = s0.add(s2).add(s1.add(s3));
        return s.lane(0) + s.lane(1);
    }

    private static DoubleVector exponentials(float[] values, int offset, int i, int length, float max) {
        if (i + DOUBLES.length() <= length) {
            FloatVector x = FloatVector.fromArray(HALF_FLOATS, values, offset + i);
            return exp(((DoubleVector) HALF_FLOATS_TYPE.cast(x).castShape(DOUBLES, 0)).sub(max));
        }
        VectorMask<Float> inside = HALF_FLOATS.indexInRange(i, length);
        FloatVector x = FloatVector.fromArray(HALF_FLOATS, values, offset + i, inside);
        return exp(((DoubleVector) HALF_FLOATS_TYPE.cast(x).castShape(DOUBLES, 0)).sub(max))
                .blend(0, DOUBLES.indexInRange(i, length).not());
    }

    /** {@link Exp#exp(double)} in every lane. */
    private static DoubleVector exp(DoubleVector x) {
        DoubleVector capped = x.min(Exp.DOUBLE_HIGHEST);
        DoubleVector rounded = capped.fma(
                DoubleVector.broadcast(DOUBLES, Exp.LOG2_E_DOUBLE), DoubleVector.broadcast(DOUBLES, Exp.ROUND_DOUBLE));
        DoubleVector n = rounded.sub(Exp.ROUND_DOUBLE);
        DoubleVector r = n.fma(DoubleVector.broadcast(DOUBLES, Exp.MINUS_LN2_HIGH_DOUBLE), capped);
        r = n.fma(DoubleVector.broadcast(DOUBLES, Exp.MINUS_LN2_LOW_DOUBLE), r);
        DoubleVector p = DoubleVector.broadcast(DOUBLES, Exp.D10).fma(r, DoubleVector.broadcast(DOUBLES, Exp.D9));
        p = p.fma(r, DoubleVector.broadcast(DOUBLES, Exp.D8));
        p = p.fma(r, DoubleVector.broadcast(DOUBLES, Exp.D7));
        p = p.fma(r, DoubleVector.broadcast(DOUBLES, Exp.D6));
        p = p.fma(r, DoubleVector.broadcast(DOUBLES, Exp.D5));
        p = p.fma(r, DoubleVector.broadcast(DOUBLES, Exp.D4));
        p = p.fma(r, DoubleVector.broadcast(DOUBLES, Exp.D3));
        p = p.fma(r, DoubleVector.broadcast(DOUBLES, Exp.D2));
        p = p.fma(r, DoubleVector.broadcast(DOUBLES, Exp.D1));
        p = p.fma(r, DoubleVector.broadcast(DOUBLES, Exp.D0));
        p = p.fma(r.mul(r), r).add(1.0);
        DoubleVector power = rounded.reinterpretAsLongs()
                .sub(Exp.ROUND_BITS_DOUBLE)
                .add(1023)
                .lanewise(VectorOperators.LSHL, 52)
                .reinterpretAsDoubles();
        return p.mul(power).blend(0, x.compare(VectorOperators.LT, Exp.DOUBLE_LOWEST));
    }
}

package io.spikelet.engine.kernel;

import static io.spikelet.engine.kernel.VectorWidth.DOUBLES;
import static io.spikelet.engine.kernel.VectorWidth.HALF_FLOATS;
import static io.spikelet.engine.kernel.VectorWidth.HALF_FLOATS_TYPE;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Sums over a vocabulary in double precision. A loop over the vocabulary has one vector of stripes and one exponential in
 * it: with more, C2 stops inlining and boxes them.
 */
final class VectorSoftmax {
    private static final int STRIPES = 8;

    // constant classes keep reinterpretation from boxing, as in VectorWidth
    private static final Class<? extends DoubleVector> DOUBLES_TYPE =
            DoubleVector.zero(DOUBLES).getClass();
    private static final Class<? extends LongVector> LONGS_TYPE =
            DoubleVector.zero(DOUBLES).reinterpretAsLongs().getClass();

    private VectorSoftmax() {}

    static double expSum(float[] values, int offset, int length, float max) {
        double[] stripes = new double[STRIPES];
        int whole = length - length % STRIPES;
        for (int s = 0; s < STRIPES; s += DOUBLES.length()) {
            addExponentials(stripes, s, values, offset + s, offset + whole, max);
        }
        for (int i = whole; i < length; i++) { // scalar tail
            stripes[i - whole] += Exp.exp((double) values[offset + i] - max);
        }
        return tree(stripes);
    }

    static double entropySum(
            float[] values, int offset, int length, float max, double logSum, double cut, double below) {
        double[] stripes = new double[STRIPES];
        int whole = length - length % STRIPES;
        for (int s = 0; s < STRIPES; s += DOUBLES.length()) {
            addEntropies(stripes, s, values, offset + s, offset + whole, max, logSum, cut, below);
        }
        for (int i = whole; i < length; i++) { // scalar tail
            double distance = (double) values[offset + i] - max;
            stripes[i - whole] += distance < cut ? below : Exp.exp(distance) * (logSum - distance);
        }
        return tree(stripes);
    }

    /** Adds every eighth vector from {@code from} on to as many neighbouring stripes as a vector has lanes. */
    private static void addExponentials(double[] stripes, int stripe, float[] values, int from, int end, float max) {
        DoubleVector sum = DoubleVector.fromArray(DOUBLES, stripes, stripe);
        for (int i = from; i < end; i += STRIPES) {
            sum = sum.add(exp(distances(FloatVector.fromArray(HALF_FLOATS, values, i), max)));
        }
        sum.intoArray(stripes, stripe);
    }

    private static void addEntropies(
            double[] stripes,
            int stripe,
            float[] values,
            int from,
            int end,
            float max,
            double logSum,
            double cut,
            double below) {
        DoubleVector sum = DoubleVector.fromArray(DOUBLES, stripes, stripe);
        for (int i = from; i < end; i += STRIPES) {
            DoubleVector distance = distances(FloatVector.fromArray(HALF_FLOATS, values, i), max);
            sum = sum.add(entropies(distance, logSum, cut, below));
        }
        sum.intoArray(stripes, stripe);
    }

    private static DoubleVector entropies(DoubleVector distance, double logSum, double cut, double below) {
        return exp(distance)
                .mul(DoubleVector.broadcast(DOUBLES, logSum).sub(distance))
                .blend(below, distance.compare(VectorOperators.LT, cut));
    }

    private static DoubleVector distances(FloatVector x, float max) {
        return ((DoubleVector) HALF_FLOATS_TYPE.cast(x).castShape(DOUBLES, 0)).sub(max);
    }

    /** Joins the stripes: +4, +2, +1. */
    private static double tree(double[] s) {
        return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
    }

    /** {@link Exp#exp(double)} in every lane. Below 325 bytecodes, the most that C2 inlines. */
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
        return p.mul(power(rounded)).blend(0, x.compare(VectorOperators.LT, Exp.DOUBLE_LOWEST));
    }

    /** 2 to the integer that stands in the low bits of {@code rounded}. */
    private static DoubleVector power(DoubleVector rounded) {
        LongVector exponent = DOUBLES_TYPE
                .cast(rounded)
                .reinterpretAsLongs()
                .sub(Exp.ROUND_BITS_DOUBLE)
                .add(1023)
                .lanewise(VectorOperators.LSHL, 52);
        return LONGS_TYPE.cast(exponent).reinterpretAsDoubles();
    }
}

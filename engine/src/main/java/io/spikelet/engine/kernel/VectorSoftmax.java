package io.spikelet.engine.kernel;

import static io.spikelet.engine.kernel.VectorWidth.DOUBLES;
import static io.spikelet.engine.kernel.VectorWidth.HALF_FLOATS;
import static io.spikelet.engine.kernel.VectorWidth.HALF_FLOATS_TYPE;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Sums over a vocabulary in double precision. It uses no masks, because C2 has none for two doubles on x86 and boxes
 * both operands; instead, a comparison is a product that saturates at 0 and 1. The exponential is written out; {@link
 * VectorElements} explains why.
 */
final class VectorSoftmax {
    private static final int STRIPES = 8;

    /** Scales even the smallest difference of two distances to far more than 1. */
    private static final double STEEP = 1e300;

    // constant classes avoid boxing in reinterpretations, as in VectorWidth
    private static final Class<? extends DoubleVector> DOUBLES_TYPE =
            DoubleVector.zero(DOUBLES).getClass();
    private static final Class<? extends LongVector> LONGS_TYPE =
            DoubleVector.zero(DOUBLES).reinterpretAsLongs().getClass();

    private VectorSoftmax() {}

    static double expSum(float[] values, int offset, int length, float max) {
        double[] stripes = new double[STRIPES];
        int whole = length - length % STRIPES;
        for (int s = 0; s < STRIPES; s += DOUBLES.length()) {
            addTerms(stripes, s, values, offset + s, offset + whole, max, 1, 0, Exp.DOUBLE_LOWEST, 0);
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
            addTerms(stripes, s, values, offset + s, offset + whole, max, logSum, 1, cut, below);
        }
        for (int i = whole; i < length; i++) { // scalar tail
            double distance = (double) values[offset + i] - max;
            stripes[i - whole] += distance < cut ? below : Exp.exp(distance) * (logSum - distance);
        }
        return tree(stripes);
    }

    /**
     * Adds the terms {@code exp(d) * (a - b d)}, or {@code below} where {@code d < cut}, to as many consecutive stripes
     * as a vector has lanes. The vectors begin at {@code from} and are 8 elements apart. {@code b} is 0 or 1; {@code
     * cut} is at least {@link Exp#DOUBLE_LOWEST}.
     */
    private static void addTerms(
            double[] stripes,
            int stripe,
            float[] values,
            int from,
            int end,
            float max,
            double a,
            double b,
            double cut,
            double below) {
        DoubleVector sum = DoubleVector.fromArray(DOUBLES, stripes, stripe);
        for (int i = from; i < end; i += STRIPES) {
            FloatVector x = FloatVector.fromArray(HALF_FLOATS, values, i);
            DoubleVector distance = ((DoubleVector) HALF_FLOATS_TYPE.cast(x).castShape(DOUBLES, 0))
                    .sub(max)
                    .max(2 * Exp.DOUBLE_LOWEST); // far below any cut, yet finite
            DoubleVector capped = distance.max(Exp.DOUBLE_LOWEST).min(Exp.DOUBLE_HIGHEST);
            DoubleVector rounded = capped.fma(
                    DoubleVector.broadcast(DOUBLES, Exp.LOG2_E_DOUBLE),
                    DoubleVector.broadcast(DOUBLES, Exp.ROUND_DOUBLE));
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
            LongVector exponent = DOUBLES_TYPE
                    .cast(rounded)
                    .reinterpretAsLongs()
                    .sub(Exp.ROUND_BITS_DOUBLE)
                    .add(1023)
                    .lanewise(VectorOperators.LSHL, 52);
            DoubleVector exp = p.mul(LONGS_TYPE.cast(exponent).reinterpretAsDoubles());
            DoubleVector kept = distance.sub(cut).mul(STEEP).add(1).min(1).max(0); // 0 below the cut, else 1
            DoubleVector term = exp.mul(DoubleVector.broadcast(DOUBLES, a).sub(distance.mul(b)));
            DoubleVector replaced = DoubleVector.broadcast(DOUBLES, 1).sub(kept).mul(below);
            sum = sum.add(term.fma(kept, replaced));
        }
        sum.intoArray(stripes, stripe);
    }

    /** Joins the stripes: +4, +2, +1. */
    private static double tree(double[] s) {
        return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
    }
}

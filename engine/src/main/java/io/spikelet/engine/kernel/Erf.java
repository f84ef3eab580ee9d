package io.spikelet.engine.kernel;

/**
 * The error function: an odd polynomial up to 1, {@code 1 - exp(-q(|x|))} up to 4, then 1. Chebyshev fits of {@code
 * erf(sqrt s) / sqrt s} on [0, 1] and of {@code -ln erfc} on [1, 4]; absolute error below 2e-7.
 */
public final class Erf {
    static final float S6 = 7.88249745e-05f;
    static final float S5 = -0.000801885501f;
    static final float S4 = 0.00518931216f;
    static final float S3 = -0.0268543288f;
    static final float S2 = 0.112835974f;
    static final float S1 = -0.37612626f;
    static final float S0 = 1.12837911f;

    static final float Q8 = -1.6140616e-06f;
    static final float Q7 = 4.55906229e-05f;
    static final float Q6 = -0.000592769531f;
    static final float Q5 = 0.00474022236f;
    static final float Q4 = -0.0263647176f;
    static final float Q3 = 0.109978244f;
    static final float Q2 = 0.631937087f;
    static final float Q1 = 1.13016665f;
    static final float Q0 = -0.000303212961f;

    /** Above this, erf is 1 in float32. */
    static final float LARGEST = 4f;

    private Erf() {}

    /** erf(x); NaN for NaN. */
    public static float erf(float x) {
        float t = Math.min(Math.abs(x), LARGEST);
        float magnitude = t < 1f ? small(t) : 1f - Exp.exp(-large(t));
        return Math.copySign(magnitude, x);
    }

    private static float small(float t) {
        float s = t * t;
        float p = Math.fma(S6, s, S5);
        p = Math.fma(p, s, S4);
        p = Math.fma(p, s, S3);
        p = Math.fma(p, s, S2);
        p = Math.fma(p, s, S1);
        return t * Math.fma(p, s, S0);
    }

    private static float large(float t) {
        float p = Math.fma(Q8, t, Q7);
        p = Math.fma(p, t, Q6);
        p = Math.fma(p, t, Q5);
        p = Math.fma(p, t, Q4);
        p = Math.fma(p, t, Q3);
        p = Math.fma(p, t, Q2);
        p = Math.fma(p, t, Q1);
        return Math.fma(p, t, Q0);
    }
}

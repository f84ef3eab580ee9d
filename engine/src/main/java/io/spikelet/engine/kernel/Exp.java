package io.spikelet.engine.kernel;

/**
 * The engine's exponential functions: range reduction by a power of two and an FMA polynomial, so that every machine and
 * vector width computes the same bits. Polynomials are Chebyshev fits of {@code (exp(r) - 1 - r) / r^2} on {@code |r| <=
 * ln(2) / 2}.
 */
public final class Exp {
    /** Inputs below this give exactly 0, since the result would be subnormal. */
    static final float FLOAT_LOWEST = -87f;

    static final float FLOAT_HIGHEST = 88f;
    static final float LOG2_E = 1.44269504f;
    static final float MINUS_LN2_HIGH = -0.693359375f;
    static final float MINUS_LN2_LOW = 2.12194440e-4f;
    /** 1.5 * 2^23: adding it rounds to an integer in the low bits. */
    static final float ROUND = 12582912f;

    static final int ROUND_BITS = 0x4B400000;
    static final float P5 = 0.00019900444f;
    static final float P4 = 0.0013934545f;
    static final float P3 = 0.00833329745f;
    static final float P2 = 0.0416664556f;
    static final float P1 = 0.166666672f;
    static final float P0 = 0.5f;

    static final double DOUBLE_LOWEST = -700;
    static final double DOUBLE_HIGHEST = 700;
    static final double LOG2_E_DOUBLE = 1.4426950408889634;
    static final double MINUS_LN2_HIGH_DOUBLE = -0.6931471803691238;
    static final double MINUS_LN2_LOW_DOUBLE = -1.9082149292705877e-10;
    /** 1.5 * 2^52. */
    static final double ROUND_DOUBLE = 6755399441055744.0;

    static final long ROUND_BITS_DOUBLE = 0x4338000000000000L;
    static final double D10 = 2.131375117925878e-09;
    static final double D9 = 2.5140686122166932e-08;
    static final double D8 = 2.755841654340458e-07;
    static final double D7 = 2.7557168409929486e-06;
    static final double D6 = 2.4801582709948424e-05;
    static final double D5 = 0.0001984126994734905;
    static final double D4 = 0.0013888888893207663;
    static final double D3 = 0.008333333333303928;
    static final double D2 = 0.041666666666653245;
    static final double D1 = 0.1666666666666667;
    static final double D0 = 0.5;

    private Exp() {}

    /** exp(x), relative error below 1e-7; exactly 0 below -87, capped at exp(88); NaN for NaN. */
    public static float exp(float x) {
        if (x < FLOAT_LOWEST) {
            return 0f;
        }
        float capped = Math.min(x, FLOAT_HIGHEST);
        float rounded = Math.fma(capped, LOG2_E, ROUND);
        float n = rounded - ROUND;
        float r = Math.fma(n, MINUS_LN2_LOW, Math.fma(n, MINUS_LN2_HIGH, capped));
        float p = Math.fma(P5, r, P4);
        p = Math.fma(p, r, P3);
        p = Math.fma(p, r, P2);
        p = Math.fma(p, r, P1);
        p = Math.fma(p, r, P0);
        p = Math.fma(p, r * r, r) + 1f;
        int exponent = Float.floatToRawIntBits(rounded) - ROUND_BITS + 127;
        return p * Float.intBitsToFloat(exponent << 23);
    }

    /** exp(x), relative error below 1e-14; exactly 0 below -700, capped at exp(700); NaN for NaN. */
    public static double exp(double x) {
        if (x < DOUBLE_LOWEST) {
            return 0;
        }
        double capped = Math.min(x, DOUBLE_HIGHEST);
        double rounded = Math.fma(capped, LOG2_E_DOUBLE, ROUND_DOUBLE);
        double n = rounded - ROUND_DOUBLE;
        double r = Math.fma(n, MINUS_LN2_LOW_DOUBLE, Math.fma(n, MINUS_LN2_HIGH_DOUBLE, capped));
        double p = Math.fma(D10, r, D9);
        p = Math.fma(p, r, D8);
        p = Math.fma(p, r, D7);
        p = Math.fma(p, r, D6);
        p = Math.fma(p, r, D5);
        p = Math.fma(p, r, D4);
        p = Math.fma(p, r, D3);
        p = Math.fma(p, r, D2);
        p = Math.fma(p, r, D1);
        p = Math.fma(p, r, D0);
        p = Math.fma(p, r * r, r) + 1.0;
        long exponent = Double.doubleToRawLongBits(rounded) - ROUND_BITS_DOUBLE + 1023;
        return p * Double.longBitsToDouble(exponent << 52);
    }
}

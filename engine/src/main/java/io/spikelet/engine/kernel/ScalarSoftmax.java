package io.spikelet.engine.kernel;

/** The specification of the sums of a softmax in double, one element at a time. */
final class ScalarSoftmax {
    private static final int DOUBLE_STRIPES = 8;

    private ScalarSoftmax() {}

    static double exponentials(float[] x, int offset, int length, float max, int first, int step) {
        if (step < DOUBLE_STRIPES) {
            return exponentials(x, offset, length, max, first, 2 * step)
                    + exponentials(x, offset, length, max, first + step, 2 * step);
        }
        double stripe = 0;
        for (int i = first; i < length; i += DOUBLE_STRIPES) {
            stripe += Exp.exp((double) x[offset + i] - max);
        }
        return stripe;
    }

    static double entropies(
            float[] x,
            int offset,
            int length,
            float max,
            double logSum,
            double cut,
            double below,
            int first,
            int step) {
        if (step < DOUBLE_STRIPES) {
            return entropies(x, offset, length, max, logSum, cut, below, first, 2 * step)
                    + entropies(x, offset, length, max, logSum, cut, below, first + step, 2 * step);
        }
        double stripe = 0;
        for (int i = first; i < length; i += DOUBLE_STRIPES) {
            double d = (double) x[offset + i] - max;
            stripe += d < cut ? below : Exp.exp(d) * (logSum - d);
        }
        return stripe;
    }
}

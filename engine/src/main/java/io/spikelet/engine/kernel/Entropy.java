package io.spikelet.engine.kernel;

/** Entropy of a softmax as upstream measures it, with probabilities clamped to at least 1e-7. */
public final class Entropy {
    private static final double SMALLEST = 1e-7;
    private static final double LOG_SMALLEST = StrictMath.log(SMALLEST);
    private static final double SMALLEST_TERM = -SMALLEST * LOG_SMALLEST;

    private Entropy() {}

    /** Entropy in nats of the softmax of {@code logits[offset .. offset + length)}. */
    public static double clamped(Kernels kernels, float[] logits, int offset, int length) {
        return clamped(kernels, logits, offset, length, 0);
    }

    /**
     * Entropy in nats of the softmax of {@code logits[offset .. offset + length)} and {@code masked} more ids of
     * probability 0. The probability of each of these, like that of a logit of -Infinity, is raised to 1e-7 and adds
     * 1.6e-6.
     */
    public static double clamped(Kernels kernels, float[] logits, int offset, int length, int masked) {
        float max = kernels.max(logits, offset, length);
        double sum = kernels.expSum(logits, offset, length, max);
        double logSum = StrictMath.log(sum);
        double cut = logSum + LOG_SMALLEST; // below this the probability is clamped
        double terms = kernels.entropySum(logits, offset, length, max, logSum, cut, SMALLEST_TERM * sum);
        return masked * SMALLEST_TERM + terms / sum;
    }
}

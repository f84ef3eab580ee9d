package io.spikelet.engine.decode;

import io.spikelet.engine.kernel.Exp;
import io.spikelet.engine.kernel.Kernels;

/**
 * Sums over the softmax of one position's logits, in double precision and nats; the same bits on every machine. Stateless.
 */
public final class SoftmaxStatistics {
    /** A distance from the maximum below which exp is 0: such ids add nothing, nor do those at -Infinity. */
    private static final double LOWEST = -700;

    private SoftmaxStatistics() {}

    /**
     * Statistics of the logits of one position.
     *
     * @param sum sum of the exponentials of the distances from {@code max}
     * @param logSum logarithm of {@code sum}
     */
    public record Sums(float max, double sum, double logSum) {
        /** Negative log-probability of a logit, in nats. */
        public double nll(float logit) {
            return max + logSum - logit;
        }
    }

    /**
     * The sums that both a token's probability and the entropy need.
     *
     * @throws ArithmeticException if the logits have no finite maximum
     */
    public static Sums sums(Kernels kernels, float[] logits, int offset, int length) {
        float max = finiteMax(kernels, logits, offset, length);
        double sum = kernels.expSum(logits, offset, length, max);
        return new Sums(max, sum, StrictMath.log(sum));
    }

    /** Entropy of the softmax, 0 to ln(length), from the sums of the same logits. */
    public static double entropy(Kernels kernels, float[] logits, int offset, int length, Sums sums) {
        return kernels.entropySum(logits, offset, length, sums.max(), sums.logSum(), LOWEST, 0) / sums.sum();
    }

    /**
     * {@code ln(sum(exp(x)))} over x in {@code logits[offset .. offset + length)}: a token's log-probability is its logit minus this.
     *
     * @throws ArithmeticException if the logits have no finite maximum
     */
    public static double logSumExp(Kernels kernels, float[] logits, int offset, int length) {
        Sums sums = sums(kernels, logits, offset, length);
        return sums.max() + sums.logSum();
    }

    /**
     * Kullback-Leibler divergence of q from p, {@code sum(p * ln(p / q))} over the ids in ascending order; exactly 0 for
     * equal logits, and never negative.
     *
     * @param pLogSum {@link #logSumExp} of p's logits
     * @param qLogSum {@link #logSumExp} of q's logits
     */
    public static double divergence(
            float[] p, int pOffset, double pLogSum, float[] q, int qOffset, double qLogSum, int length) {
        double sum = 0;
        for (int i = 0; i < length; i++) {
            double logP = p[pOffset + i] - pLogSum;
            double difference = logP - (q[qOffset + i] - qLogSum);
            if (difference != 0) {
                sum += Exp.exp(logP) * difference;
            }
        }
        return Math.max(0, sum);
    }

    /**
     * The largest logit.
     *
     * @throws ArithmeticException if it is NaN or infinite, so that there are no probabilities
     */
    static float finiteMax(Kernels kernels, float[] logits, int offset, int length) {
        float max = kernels.max(logits, offset, length);
        if (max == Float.NEGATIVE_INFINITY) {
            throw new ArithmeticException("every one of " + length + " ids is impossible: all of them are banned");
        }
        if (!Float.isFinite(max)) {
            throw new NonFiniteLogitsException(max, length);
        }
        return max;
    }
}

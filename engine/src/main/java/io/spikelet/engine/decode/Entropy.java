package io.spikelet.engine.decode;

import io.spikelet.engine.kernel.Exp;
import io.spikelet.engine.kernel.Kernels;

/** Entropy of a softmax the way upstream measures it: probabilities clamped to at least 1e-7. */
final class Entropy {
    private static final double SMALLEST = 1e-7;
    private static final double SMALLEST_TERM = -SMALLEST * StrictMath.log(SMALLEST);

    private Entropy() {}

    /** In nats, of the softmax of {@code logits[offset .. offset + length)}. */
    static double clamped(Kernels kernels, float[] logits, int offset, int length) {
        return clamped(kernels, logits, offset, length, 0);
    }

    /**
     * In nats, of the softmax of {@code logits[offset .. offset + length)} and {@code masked} more ids of probability 0.
     * Each of those, like each logit of -Infinity, is clamped up and adds 1.6e-6.
     */
    static double clamped(Kernels kernels, float[] logits, int offset, int length, int masked) {
        float max = kernels.max(logits, offset, length);
        double sum = kernels.expSum(logits, offset, length, max);
        double logSum = StrictMath.log(sum);
        double smallest = SMALLEST * sum;
        double entropy = masked * SMALLEST_TERM;
        for (int i = offset; i < offset + length; i++) {
            double distance = (double) logits[i] - max;
            double weight = Exp.exp(distance);
            // -p ln p with p = weight / sum, without a logarithm of its own
            entropy += weight < smallest ? SMALLEST_TERM : weight / sum * (logSum - distance);
        }
        return entropy;
    }
}

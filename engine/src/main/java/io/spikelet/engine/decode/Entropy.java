package io.spikelet.engine.decode;

import io.spikelet.engine.kernel.Exp;
import io.spikelet.engine.kernel.Kernels;

/** Entropy of a softmax the way upstream measures it: probabilities clamped to at least 1e-7. */
final class Entropy {
    private static final double SMALLEST = 1e-7;

    private Entropy() {}

    /** In nats, of the softmax of {@code logits[offset .. offset + length)}. */
    static double clamped(Kernels kernels, float[] logits, int offset, int length) {
        float max = kernels.max(logits, offset, length);
        double sum = kernels.expSum(logits, offset, length, max);
        double entropy = 0;
        for (int i = offset; i < offset + length; i++) {
            double p = Math.max(Exp.exp((double) logits[i] - max) / sum, SMALLEST);
            entropy -= p * StrictMath.log(p);
        }
        return entropy;
    }
}

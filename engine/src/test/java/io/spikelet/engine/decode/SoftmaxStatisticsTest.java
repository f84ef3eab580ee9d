package io.spikelet.engine.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.spikelet.engine.kernel.Entropy;
import io.spikelet.engine.kernel.KernelProvider;
import io.spikelet.engine.kernel.Kernels;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SoftmaxStatisticsTest {
    private static final Kernels KERNELS = KernelProvider.kernels();

    private static float[] random(int size, long seed) {
        Random random = new Random(seed);
        float[] logits = new float[size];
        for (int i = 0; i < size; i++) {
            logits[i] = (float) (3 * random.nextGaussian());
        }
        return logits;
    }

    @Test
    void maskedIdsRaiseTheEntropyByTheirClampedShare() {
        float[] logits = random(100, 17);
        double bare = Entropy.clamped(KERNELS, logits, 0, 100, 0);

        assertThat(Entropy.clamped(KERNELS, logits, 0, 100, 2048) - bare).isCloseTo(0.0033, within(5e-5));
        float[] padded = Arrays.copyOf(logits, 200);
        Arrays.fill(padded, 100, 200, Float.NEGATIVE_INFINITY);
        assertThat(Entropy.clamped(KERNELS, padded, 0, 200))
                .isCloseTo(Entropy.clamped(KERNELS, logits, 0, 100, 100), within(1e-12));
    }

    @Test
    void statisticsAgreeWithTheirDefinition() {
        float[] logits = random(333, 23);
        double sum = 0;
        for (float logit : logits) {
            sum += StrictMath.exp(logit);
        }
        double entropy = 0;
        for (float logit : logits) {
            double p = StrictMath.exp(logit) / sum;
            entropy -= p * StrictMath.log(p);
        }
        assertThat(SoftmaxStatistics.logSumExp(KERNELS, logits, 0, 333)).isCloseTo(StrictMath.log(sum), within(1e-12));
        assertThat(SoftmaxStatistics.entropy(KERNELS, logits, 0, 333, SoftmaxStatistics.sums(KERNELS, logits, 0, 333)))
                .isCloseTo(entropy, within(1e-12));
    }
}

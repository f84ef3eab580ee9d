package io.spikelet.engine.kernel;

import io.spikelet.engine.tensor.FloatMatrix;
import io.spikelet.engine.tensor.Int8Matrix;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** The specification of products with spikes, one element at a time. */
final class ScalarSpikes {
    private ScalarSpikes() {}

    static void sum(Int8Matrix w, SpikeLists spikes, int list, float[] out, int to) {
        int n = w.outputs();
        int[] sums = spikes.integers;
        Arrays.fill(sums, 0, n, 0);
        for (int j = 0, i = spikes.offset(list); j < spikes.count(list); j++, i++) {
            long at = w.layout().index(0, spikes.indices[i], n, w.inputs());
            int times = spikes.times == null ? 1 : spikes.times[i];
            for (int o = 0; o < n; o++) {
                sums[o] += times * w.data().get(ValueLayout.JAVA_BYTE, at + o);
            }
        }
        for (int o = 0; o < n; o++) {
            out[to + o] = sums[o] * w.scales()[o];
        }
    }

    static void sum(FloatMatrix w, SpikeLists spikes, int list, float[] out, int to) {
        int n = w.outputs();
        Arrays.fill(out, to, to + n, 0f);
        for (int j = 0, i = spikes.offset(list); j < spikes.count(list); j++, i++) {
            long at = w.layout().index(0, spikes.indices[i], n, w.inputs()) * Float.BYTES;
            int times = spikes.times == null ? 1 : spikes.times[i];
            for (int o = 0; o < n; o++) {
                out[to + o] += times * w.data().get(ScalarKernels.FLOAT, at + (long) o * Float.BYTES);
            }
        }
    }
}

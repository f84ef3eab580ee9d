package io.spikelet.engine.kernel;

import io.spikelet.engine.tensor.FloatMatrix;
import io.spikelet.engine.tensor.Int8Matrix;
import io.spikelet.engine.tensor.Layout;
import io.spikelet.engine.tensor.Matrix;
import io.spikelet.engine.tensor.W8A8Matrix;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** The specification of {@link RecurrentKernels}, one channel at a time. */
class ScalarRecurrentKernels implements RecurrentKernels {
    static final ScalarRecurrentKernels INSTANCE = new ScalarRecurrentKernels();

    /** Partial sums of a mean and of a variance, by the index modulo their number. */
    static final int STRIPES = 8;

    @Override
    public void layerNorm(
            float[] x,
            int offset,
            float[] weight,
            float[] bias,
            double epsilon,
            double[] stripes,
            float[] out,
            int to) {
        int length = weight.length;
        double mean = sum(x, offset, length, 0, 1) / length;
        double variance = squares(x, offset, length, mean, 0, 1) / length;
        normalise(x, offset, 0, (float) mean, inverse(variance, epsilon), weight, bias, out, to);
    }

    static float inverse(double variance, double epsilon) {
        return (float) (1 / Math.sqrt(variance + epsilon));
    }

    static void normalise(
            float[] x,
            int offset,
            int from,
            float mean,
            float inverse,
            float[] weight,
            float[] bias,
            float[] out,
            int to) {
        for (int i = from; i < weight.length; i++) {
            out[to + i] = Math.fma((x[offset + i] - mean) * inverse, weight[i], bias[i]);
        }
    }

    /** The tree over the stripes, as in {@link ScalarKernels#sum}. */
    private static double sum(float[] x, int offset, int length, int first, int step) {
        if (step < STRIPES) {
            return sum(x, offset, length, first, 2 * step) + sum(x, offset, length, first + step, 2 * step);
        }
        double stripe = 0;
        for (int i = first; i < length; i += STRIPES) {
            stripe += x[offset + i];
        }
        return stripe;
    }

    private static double squares(float[] x, int offset, int length, double mean, int first, int step) {
        if (step < STRIPES) {
            return squares(x, offset, length, mean, first, 2 * step)
                    + squares(x, offset, length, mean, first + step, 2 * step);
        }
        double stripe = 0;
        for (int i = first; i < length; i += STRIPES) {
            double d = x[offset + i] - mean;
            stripe = Math.fma(d, d, stripe);
        }
        return stripe;
    }

    @Override
    public void mix(float[] now, int offset, float[] before, int beforeOffset, float[] share, float[] out, int to) {
        mix(now, offset, before, beforeOffset, share, 0, out, to);
    }

    static void mix(
            float[] now, int offset, float[] before, int beforeOffset, float[] share, int from, float[] out, int to) {
        for (int i = from; i < share.length; i++) {
            out[to + i] = now[offset + i] * share[i] + before[beforeOffset + i] * (1 - share[i]);
        }
    }

    @Override
    public void sigmoid(float[] x, int offset, int length) {
        for (int i = offset; i < offset + length; i++) {
            x[i] = 1 / (1 + Exp.exp(-x[i]));
        }
    }

    @Override
    public void multiply(float[] x, int xOffset, float[] y, int yOffset, int length) {
        for (int i = 0; i < length; i++) {
            y[yOffset + i] = x[xOffset + i] * y[yOffset + i];
        }
    }

    @Override
    public int squaredRelu(float[] x, int offset, int length) {
        int above = 0;
        for (int i = offset; i < offset + length; i++) {
            float positive = Math.max(0, x[i]);
            x[i] = positive * positive;
            above += x[i] > 0 ? 1 : 0;
        }
        return above;
    }

    @Override
    public void wkv(
            float[] key,
            float[] value,
            int offset,
            float[] decay,
            float[] first,
            float[] state,
            int at,
            float[] scratch,
            float[] out) {
        wkv(key, value, offset, decay, first, state, at, 0, out);
    }

    /** Processes channels {@code [from, decay.length)}. */
    static void wkv(
            float[] key,
            float[] value,
            int offset,
            float[] decay,
            float[] first,
            float[] state,
            int at,
            int from,
            float[] out) {
        int length = decay.length;
        for (int i = from; i < length; i++) {
            float a = state[at + i];
            float b = state[at + length + i];
            float o = state[at + 2 * length + i];
            float k = key[offset + i];
            float v = value[offset + i];
            float now = first[i] + k;
            float n = Math.max(o, now);
            float e1 = Exp.exp(o - n);
            float e2 = Exp.exp(now - n);
            out[offset + i] = (e1 * a + e2 * v) / (e1 * b + e2);
            float decayed = o + decay[i];
            n = Math.max(decayed, k);
            e1 = Exp.exp(decayed - n);
            e2 = Exp.exp(k - n);
            state[at + i] = e1 * a + e2 * v;
            state[at + length + i] = e1 * b + e2;
            state[at + 2 * length + i] = n;
        }
    }

    @Override
    public void fire(
            float[] input,
            int offset,
            int length,
            float tau,
            float threshold,
            boolean softReset,
            boolean decayInput,
            float[] membrane,
            int at,
            long[] bits,
            int to) {
        Arrays.fill(bits, to, to + HeadBits.words(length), 0);
        fireFrom(0, input, offset, length, tau, threshold, softReset, decayInput, membrane, at, bits, to);
    }

    /** Processes neurons {@code [from, length)}; their bits must be 0 before. */
    static void fireFrom(
            int from,
            float[] input,
            int offset,
            int length,
            float tau,
            float threshold,
            boolean softReset,
            boolean decayInput,
            float[] membrane,
            int at,
            long[] bits,
            int to) {
        for (int i = from; i < length; i++) {
            float v = membrane[at + i];
            float x = input[offset + i];
            float h = decayInput ? v + (x - v) / tau : v / tau + x;
            if (h >= threshold) {
                bits[to + i / Long.SIZE] |= 1L << i;
                h = softReset ? h - threshold : 0;
            }
            membrane[at + i] = h;
        }
    }

    @Override
    public void multiplyActive(
            Matrix weights, float[] x, int columns, int[] active, int[] counts, PackedColumns scratch, float[] out) {
        int outputs = weights.outputs();
        for (int c = 0; c < columns; c++) {
            int from = c * weights.inputs();
            for (int n = 0; n < outputs; n++) {
                out[c * outputs + n] = switch (weights) {
                    case Int8Matrix w -> dot(w, n, x, active, from, counts[c]) * w.scales()[n];
                    case FloatMatrix w -> dot(w, n, x, active, from, counts[c]);
                    case W8A8Matrix w -> throw w.unsuited();
                };
            }
        }
    }

    private static float dot(Int8Matrix w, int output, float[] x, int[] active, int from, int count) {
        long at = w.layout().index(output, 0, w.outputs(), w.inputs());
        float sum = 0f;
        for (int j = from; j < from + count; j++) {
            int k = active[j];
            sum = Math.fma(w.data().get(ValueLayout.JAVA_BYTE, at + (long) k * Layout.LANES), x[from + k], sum);
        }
        return sum;
    }

    private static float dot(FloatMatrix w, int output, float[] x, int[] active, int from, int count) {
        long at = w.layout().index(output, 0, w.outputs(), w.inputs());
        float sum = 0f;
        for (int j = from; j < from + count; j++) {
            int k = active[j];
            long element = (at + (long) k * Layout.LANES) * Float.BYTES;
            sum = Math.fma(w.data().get(ScalarKernels.FLOAT, element), x[from + k], sum);
        }
        return sum;
    }
}

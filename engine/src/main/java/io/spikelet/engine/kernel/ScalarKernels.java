package io.spikelet.engine.kernel;

import io.spikelet.engine.tensor.FloatMatrix;
import io.spikelet.engine.tensor.Int8Matrix;
import io.spikelet.engine.tensor.Layout;
import io.spikelet.engine.tensor.Matrix;
import io.spikelet.engine.tensor.W8A8Matrix;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** The specification of every kernel, one element at a time. They are also used in a JVM without the vector module. */
public final class ScalarKernels implements Kernels {
    static final float EPSILON = 1e-5f;
    static final float MEMBRANE_LIMIT = 3f;
    static final float SQRT_HALF = 0.70710678f;
    private static final int STRIPES = 16;
    static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong CODES = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    @Override
    public BinaryKernels binary() {
        return ScalarBinaryKernels.INSTANCE;
    }

    @Override
    public RecurrentKernels recurrent() {
        return ScalarRecurrentKernels.INSTANCE;
    }

    @Override
    public String description() {
        return "scalar";
    }

    @Override
    public void multiply(Matrix weights, PackedColumns input, int outputs, float[] out, int stride) {
        if (weights instanceof W8A8Matrix w) {
            input.requireCodes(this);
            ScalarCodes.multiply(w, input, outputs, out, stride);
            return;
        }
        input.requireInputs();
        int column = 0;
        int base = 0;
        int inputs = input.inputs();
        for (int tile = 0; tile < input.tiles(); tile++) {
            int width = input.width(tile);
            for (int c = 0; c < width && column < input.columns(); c++, column++) {
                switch (weights) {
                    case Int8Matrix w -> dots(w, outputs, input.values, base + c, width, out, column * stride);
                    case FloatMatrix w -> {
                        for (int n = 0; n < outputs; n++) {
                            out[column * stride + n] = dot(w, n, input.values, base + c, width, inputs);
                        }
                    }
                    case W8A8Matrix w -> throw w.unsuited();
                }
            }
            base += width * inputs;
        }
    }

    @Override
    public int magnitudeBits(float[] x, int offset, int length) {
        return ScalarCodes.magnitudeBits(x, offset, offset + length, 0);
    }

    @Override
    public int round(float[] x, int offset, int length, float inverse, byte[] codes, int to) {
        return ScalarCodes.round(x, offset, offset + length, inverse, codes, to - offset);
    }

    /**
     * Eight outputs at a time, each a sum of its own: their codes are one word, and reading a word from a segment costs as much as
     * reading a byte before C2 has compiled it.
     */
    private static void dots(Int8Matrix w, int outputs, float[] x, int from, int step, float[] out, int to) {
        MemorySegment data = w.data();
        float[] scales = w.scales();
        for (int n = 0; n < outputs; n += Long.BYTES) {
            long at = w.layout().index(n, 0, w.outputs(), w.inputs());
            float sum0 = 0f;
            float sum1 = 0f;
            float sum2 = 0f;
            float sum3 = 0f;
            float sum4 = 0f;
            float sum5 = 0f;
            float sum6 = 0f;
            float sum7 = 0f;
            for (int k = 0, i = from; k < w.inputs(); k++, i += step, at += Layout.LANES) {
                long codes = data.get(CODES, at);
                float value = x[i];
                sum0 = Math.fma((byte) codes, value, sum0);
                sum1 = Math.fma((byte) (codes >> 8), value, sum1);
                sum2 = Math.fma((byte) (codes >> 16), value, sum2);
                sum3 = Math.fma((byte) (codes >> 24), value, sum3);
                sum4 = Math.fma((byte) (codes >> 32), value, sum4);
                sum5 = Math.fma((byte) (codes >> 40), value, sum5);
                sum6 = Math.fma((byte) (codes >> 48), value, sum6);
                sum7 = Math.fma((byte) (codes >> 56), value, sum7);
            }
            for (int j = 0; j < Math.min(Long.BYTES, outputs - n); j++) {
                float sum = switch (j) {
                    case 0 -> sum0;
                    case 1 -> sum1;
                    case 2 -> sum2;
                    case 3 -> sum3;
                    case 4 -> sum4;
                    case 5 -> sum5;
                    case 6 -> sum6;
                    default -> sum7;
                };
                out[to + n + j] = sum * scales[n + j];
            }
        }
    }

    private static float dot(FloatMatrix w, int output, float[] x, int from, int step, int inputs) {
        MemorySegment data = w.data();
        long at = w.layout().index(output, 0, w.outputs(), inputs) * Float.BYTES;
        float sum = 0f;
        for (int k = 0, i = from; k < inputs; k++, i += step, at += Layout.LANES * Float.BYTES) {
            sum = Math.fma(data.get(FLOAT, at), x[i], sum);
        }
        return sum;
    }

    @Override
    public int threshold(float[] values, int offset, int length, float threshold, int[] indices, int to) {
        return threshold(values, offset, 0, length, threshold, indices, to) - to;
    }

    /** Processes elements {@code [from, length)}; returns the end of the indices written. */
    static int threshold(float[] values, int offset, int from, int length, float threshold, int[] indices, int to) {
        int end = to;
        for (int i = from; i < length; i++) {
            if (values[offset + i] >= threshold) {
                indices[end++] = i;
            }
        }
        return end;
    }

    @Override
    public int integrateAndFire(
            float[] membrane,
            float[] input,
            int offset,
            int length,
            float leak,
            float threshold,
            int[] indices,
            int to) {
        return integrateAndFire(membrane, input, offset, 0, length, leak, threshold, indices, to) - to;
    }

    static int integrateAndFire(
            float[] membrane,
            float[] input,
            int offset,
            int from,
            int length,
            float leak,
            float threshold,
            int[] indices,
            int to) {
        int end = to;
        for (int i = from; i < length; i++) {
            float v = Math.fma(leak, membrane[i], input[offset + i]);
            v = Math.min(Math.max(v, -MEMBRANE_LIMIT), MEMBRANE_LIMIT);
            if (v >= threshold) {
                indices[end++] = i;
                v = 0f;
            }
            membrane[i] = v;
        }
        return end;
    }

    @Override
    public void accumulate(Matrix weights, SpikeLists spikes, float[] out, int stride) {
        spikes.requireRoomFor(weights);
        for (int list = 0; list < spikes.lists(); list++) {
            switch (weights) {
                case Int8Matrix w -> ScalarSpikes.sum(w, spikes, list, out, list * stride);
                case FloatMatrix w -> ScalarSpikes.sum(w, spikes, list, out, list * stride);
                case W8A8Matrix w -> throw w.unsuited();
            }
        }
    }

    @Override
    public void scores(
            float[] query,
            int queryOffset,
            int queryStride,
            int queries,
            int headDim,
            float[] keys,
            int keyOffset,
            int panels,
            float scale,
            float[] scores,
            int to,
            int scoreStride) {
        ScalarAttention.scores(
                query,
                queryOffset,
                queryStride,
                queries,
                headDim,
                keys,
                keyOffset,
                panels,
                scale,
                scores,
                to,
                scoreStride);
    }

    @Override
    public float max(float[] values, int offset, int length) {
        float max = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < length; i++) {
            max = Math.max(max, values[offset + i]);
        }
        return max;
    }

    @Override
    public float softmaxSum(float[] values, int offset, int length, float max) {
        exponentials(values, offset, offset + length, max);
        return sum(values, offset, length, 0, 1);
    }

    static void exponentials(float[] values, int from, int end, float max) {
        for (int i = from; i < end; i++) {
            values[i] = Exp.exp(values[i] - max);
        }
    }

    /**
     * The tree +8, +4, +2, +1 over 16 stripes, without storing them: the node at {@code step} adds the stripes whose
     * index is {@code first} modulo {@code step}.
     */
    static float sum(float[] x, int offset, int length, int first, int step) {
        if (step < STRIPES) {
            return sum(x, offset, length, first, 2 * step) + sum(x, offset, length, first + step, 2 * step);
        }
        float stripe = 0f;
        for (int i = first; i < length; i += STRIPES) {
            stripe += x[offset + i];
        }
        return stripe;
    }

    static float squares(float[] x, int offset, int length, float mean, int first, int step) {
        if (step < STRIPES) {
            return squares(x, offset, length, mean, first, 2 * step)
                    + squares(x, offset, length, mean, first + step, 2 * step);
        }
        float stripe = 0f;
        for (int i = first; i < length; i += STRIPES) {
            float d = x[offset + i] - mean;
            stripe = Math.fma(d, d, stripe);
        }
        return stripe;
    }

    @Override
    public void addWeighted(
            float[] weights,
            int from,
            int weightStride,
            int queries,
            int count,
            float[] values,
            int valueOffset,
            int headDim,
            float[] out,
            int to,
            int outStride) {
        for (int q = 0; q < queries; q++) {
            for (int j = 0; j < count; j++) {
                float weight = weights[from + q * weightStride + j];
                int at = valueOffset + j * headDim;
                ScalarAttention.addWeighted(weight, values, at, 0, headDim, out, to + q * outStride);
            }
        }
    }

    @Override
    public void rotate(float[] x, int offset, int heads, int headDim, float[] cosine, float[] sine) {
        for (int h = 0, at = offset; h < heads; h++, at += headDim) {
            ScalarAttention.rotateHead(x, at, headDim / 2, 0, cosine, sine);
        }
    }

    @Override
    public void narrow(float[] x, int from, int count, short[] halves, int to, int step) {
        ScalarKeyValues.narrow(x, from, count, halves, to, step);
    }

    @Override
    public void widen(short[] halves, int from, int count, float[] out, int to) {
        ScalarKeyValues.widen(halves, from, count, out, to);
    }

    @Override
    public void dequantizeKeys(
            byte[] codes, int from, float[] factors, int at, int panels, int headDim, float[] out, int to) {
        ScalarKeyValues.dequantizeKeys(codes, from, factors, at, panels, headDim, out, to);
    }

    @Override
    public void dequantizeValues(
            byte[] codes, int from, float[] factors, int at, int count, int headDim, float[] out, int to) {
        ScalarKeyValues.dequantizeValues(codes, from, factors, at, count, headDim, out, to);
    }

    @Override
    public void layerNorm(
            float[] a, int aOffset, float[] b, int bOffset, float[] weight, float[] bias, float[] out, int outOffset) {
        int n = weight.length;
        for (int i = 0; i < n; i++) {
            out[outOffset + i] = b == null ? a[aOffset + i] : a[aOffset + i] + b[bOffset + i];
        }
        float mean = sum(out, outOffset, n, 0, 1) / n;
        float variance = squares(out, outOffset, n, mean, 0, 1) / n;
        float inverse = 1f / (float) Math.sqrt(variance + EPSILON);
        normalise(out, outOffset, 0, mean, inverse, weight, bias);
    }

    static void normalise(float[] x, int offset, int from, float mean, float inverse, float[] weight, float[] bias) {
        for (int i = from; i < weight.length; i++) {
            x[offset + i] = Math.fma((x[offset + i] - mean) * inverse, weight[i], bias[i]);
        }
    }

    @Override
    public void decay(float[] state, float[] decay, float[] gain, float[] input, int offset) {
        decay(state, decay, gain, input, offset, 0);
    }

    static void decay(float[] state, float[] decay, float[] gain, float[] input, int offset, int from) {
        for (int i = from; i < state.length; i++) {
            state[i] = Math.fma(decay[i], state[i], gain[i] * input[offset + i]);
        }
    }

    @Override
    public void mix(float gate, float[] a, int aOffset, float[] b, int bOffset, int length, float[] out, int to) {
        mix(gate, a, aOffset, b, bOffset, 0, length, out, to);
    }

    static void mix(
            float gate, float[] a, int aOffset, float[] b, int bOffset, int from, int length, float[] out, int to) {
        float rest = 1f - gate;
        for (int i = from; i < length; i++) {
            out[to + i] = Math.fma(gate, a[aOffset + i], rest * b[bOffset + i]);
        }
    }

    @Override
    public void gelu(float[] x, int offset, int length) {
        gelu(x, offset, 0, length);
    }

    static void gelu(float[] x, int offset, int from, int length) {
        for (int i = offset + from; i < offset + length; i++) {
            x[i] = 0.5f * x[i] * (1f + Erf.erf(x[i] * SQRT_HALF));
        }
    }

    @Override
    public void addScaled(float weight, float[] x, int xOffset, float[] y, int yOffset, int length) {
        for (int i = 0; i < length; i++) {
            y[yOffset + i] = Math.fma(weight, x[xOffset + i], y[yOffset + i]);
        }
    }

    @Override
    public void row(Matrix embedding, int token, float[] out, int to) {
        long at = embedding.layout().index(token, 0, embedding.outputs(), embedding.inputs());
        for (int i = 0; i < embedding.inputs(); i++) {
            out[to + i] = switch (embedding) {
                case Int8Matrix w -> w.data().get(ValueLayout.JAVA_BYTE, at + i) * w.scales()[token];
                case FloatMatrix w -> w.data().get(FLOAT, (at + i) * Float.BYTES);
                case W8A8Matrix w -> throw w.unsuited();
            };
        }
    }

    @Override
    public void scale(float[] values, int offset, int length, float factor) {
        for (int i = offset; i < offset + length; i++) {
            values[i] *= factor;
        }
    }

    @Override
    public int argmax(float[] values, int offset, int length) {
        return indexOf(values, offset, length, max(values, offset, length));
    }

    static int indexOf(float[] values, int offset, int length, float wanted) {
        for (int i = 0; i < length; i++) {
            if (values[offset + i] == wanted) {
                return i;
            }
        }
        return -1;
    }

    @Override
    public double expSum(float[] values, int offset, int length, float max) {
        return ScalarSoftmax.exponentials(values, offset, length, max, 0, 1);
    }

    @Override
    public double entropySum(
            float[] values, int offset, int length, float max, double logSum, double cut, double below) {
        return ScalarSoftmax.entropies(values, offset, length, max, logSum, cut, below, 0, 1);
    }
}

package io.spikelet.engine.kernel;

import io.spikelet.engine.tensor.FloatMatrix;
import io.spikelet.engine.tensor.Int8Matrix;
import io.spikelet.engine.tensor.Layout;
import io.spikelet.engine.tensor.Matrix;
import io.spikelet.engine.tensor.W8A8Matrix;
import java.util.Optional;

/**
 * The kernels that use {@code jdk.incubator.vector}: the bits of {@link ScalarKernels}, at the width of {@link
 * VectorWidth}.
 */
final class VectorKernels implements Kernels {
    private static final int PANEL = Layout.LANES;
    private static final ScalarKernels SCALAR = new ScalarKernels();

    private final Optional<NativeLevel> level; // of the integer products

    /** @param level of the native library; empty not to use it */
    VectorKernels(Optional<NativeLevel> level) {
        this.level = level;
    }

    /** The level of the native library, if it is in use. */
    Optional<NativeLevel> level() {
        return level;
    }

    @Override
    public BinaryKernels binary() {
        return VectorBinaryKernels.INSTANCE;
    }

    @Override
    public RecurrentKernels recurrent() {
        return VectorRecurrentKernels.INSTANCE;
    }

    @Override
    public String description() {
        String vectors = "vector-" + VectorWidth.BITS;
        return level.map(integers -> vectors + "+" + integers.label()).orElse(vectors);
    }

    @Override
    public void multiply(Matrix weights, PackedColumns input, int outputs, float[] out, int stride) {
        switch (weights) {
            case Int8Matrix w -> {
                input.requireInputs();
                if (input.columns() == 1) {
                    multiplyOne(w, input, outputs, out);
                } else {
                    multiplyMany(w, input, outputs, out, stride);
                }
            }
            case FloatMatrix w -> {
                input.requireInputs();
                multiplyMany(w, input, outputs, out, stride);
            }
            case W8A8Matrix w -> multiply(w, input, outputs, out, stride);
        }
    }

    private void multiply(W8A8Matrix w, PackedColumns input, int outputs, float[] out, int stride) {
        if (level.isPresent()) {
            input.requireCodes(this);
            NativeProducts.multiply(level.get(), w, input, outputs, out, stride);
        } else {
            input.requireCodeTiles(this);
            VectorCodes.multiply(w, input, outputs, out, stride);
        }
    }

    @Override
    public int magnitudeBits(float[] x, int offset, int length) {
        return VectorCodes.magnitudeBits(x, offset, length);
    }

    @Override
    public int round(float[] x, int offset, int length, float inverse, byte[] codes, int to) {
        return VectorCodes.round(x, offset, length, inverse, codes, to);
    }

    private static void multiplyOne(Int8Matrix w, PackedColumns input, int outputs, float[] out) {
        int inputs = input.inputs();
        int panels = Layout.pad(outputs) / PANEL;
        long bytes = (long) inputs * PANEL;
        int half = panels / 2;
        float[] sums = input.accumulators;
        for (int p = 0; p < half; p++) {
            VectorPanels.multiplyPair(w.data(), p * bytes, (p + half) * bytes, input.values, inputs, sums);
            scaleOut(sums, 0, w.scales(), p * PANEL, outputs, out, 0);
            scaleOut(sums, PANEL, w.scales(), (p + half) * PANEL, outputs, out, 0);
        }
        if (panels % 2 == 1) {
            VectorPanels.multiply(w.data(), (panels - 1) * bytes, 1, input.values, 0, inputs, sums, 0);
            scaleOut(sums, 0, w.scales(), (panels - 1) * PANEL, outputs, out, 0);
        }
    }

    private static void multiplyMany(Int8Matrix w, PackedColumns input, int outputs, float[] out, int stride) {
        int inputs = input.inputs();
        long bytes = (long) inputs * PANEL;
        float[] sums = input.accumulators;
        for (int n = 0, panel = 0; n < outputs; n += PANEL, panel++) {
            for (int tile = 0, c = 0; tile < input.tiles(); c += input.width(tile), tile++) {
                VectorPanels.multiply(
                        w.data(), panel * bytes, input.width(tile), input.values, c * inputs, inputs, sums, c * PANEL);
            }
            for (int c = 0; c < input.columns(); c++) {
                scaleOut(sums, c * PANEL, w.scales(), n, outputs, out, c * stride);
            }
        }
    }

    private static void multiplyMany(FloatMatrix w, PackedColumns input, int outputs, float[] out, int stride) {
        int inputs = input.inputs();
        long bytes = (long) inputs * PANEL * Float.BYTES;
        float[] sums = input.accumulators;
        for (int n = 0, panel = 0; n < outputs; n += PANEL, panel++) {
            for (int tile = 0, c = 0; tile < input.tiles(); c += input.width(tile), tile++) {
                VectorFloatPanels.multiply(
                        w.data(), panel * bytes, input.width(tile), input.values, c * inputs, inputs, sums, c * PANEL);
            }
            for (int c = 0; c < input.columns(); c++) {
                System.arraycopy(sums, c * PANEL, out, c * stride + n, Math.min(PANEL, outputs - n));
            }
        }
    }

    /** Multiplies the sums of one panel by their scales. */
    private static void scaleOut(float[] sums, int from, float[] scales, int n, int outputs, float[] out, int row) {
        VectorElements.multiply(sums, from, scales, n, Math.min(PANEL, outputs - n), out, row + n);
    }

    @Override
    public int threshold(float[] values, int offset, int length, float threshold, int[] indices, int to) {
        return VectorSpikes.threshold(values, offset, length, threshold, indices, to);
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
        return VectorSpikes.integrateAndFire(membrane, input, offset, length, leak, threshold, indices, to);
    }

    @Override
    public void accumulate(Matrix weights, SpikeLists spikes, float[] out, int stride) {
        spikes.requireRoomFor(weights);
        switch (weights) {
            case Int8Matrix w -> VectorSpikes.accumulate(w, spikes, out, stride);
            case FloatMatrix w -> VectorSpikes.accumulate(w, spikes, out, stride);
            case W8A8Matrix w -> throw w.unsuited();
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
        VectorAttention.scores(
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
        return VectorAttention.max(values, offset, length);
    }

    @Override
    public float softmaxSum(float[] values, int offset, int length, float max) {
        return VectorAttention.softmaxSum(values, offset, length, max);
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
        VectorAttention.addWeighted(
                weights, from, weightStride, queries, count, values, valueOffset, headDim, out, to, outStride);
    }

    @Override
    public void rotate(float[] x, int offset, int heads, int headDim, float[] cosine, float[] sine) {
        VectorAttention.rotate(x, offset, heads, headDim, cosine, sine);
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
        VectorKeyValues.dequantizeKeys(codes, from, factors, at, panels, headDim, out, to);
    }

    @Override
    public void dequantizeValues(
            byte[] codes, int from, float[] factors, int at, int count, int headDim, float[] out, int to) {
        VectorKeyValues.dequantizeValues(codes, from, factors, at, count, headDim, out, to);
    }

    @Override
    public void scoresOfCodes(
            float[] query,
            int queryOffset,
            int headDim,
            byte[] codes,
            int from,
            float[] factors,
            int at,
            int panels,
            float scale,
            float[] scores,
            int to) {
        VectorKeyValues.scores(query, queryOffset, headDim, codes, from, factors, at, panels, scale, scores, to);
    }

    @Override
    public void addWeightedCodes(
            float[] weights,
            int first,
            byte[] codes,
            int from,
            float[] factors,
            int at,
            int count,
            int headDim,
            float[] out,
            int to) {
        VectorKeyValues.addWeighted(weights, first, codes, from, factors, at, count, headDim, out, to);
    }

    @Override
    public void layerNorm(
            float[] a, int aOffset, float[] b, int bOffset, float[] weight, float[] bias, float[] out, int outOffset) {
        VectorElements.layerNorm(a, aOffset, b, bOffset, weight, bias, out, outOffset);
    }

    @Override
    public void decay(float[] state, float[] decay, float[] gain, float[] input, int offset) {
        VectorElements.decay(state, decay, gain, input, offset);
    }

    @Override
    public void mix(float gate, float[] a, int aOffset, float[] b, int bOffset, int length, float[] out, int to) {
        VectorElements.mix(gate, a, aOffset, b, bOffset, length, out, to);
    }

    @Override
    public void gelu(float[] x, int offset, int length) {
        VectorElements.gelu(x, offset, length);
    }

    @Override
    public void addScaled(float weight, float[] x, int xOffset, float[] y, int yOffset, int length) {
        VectorElements.addScaled(weight, x, xOffset, y, yOffset, length);
    }

    @Override
    public void row(Matrix embedding, int token, float[] out, int to) {
        switch (embedding) {
            case Int8Matrix w -> VectorElements.row(w, token, out, to);
            case FloatMatrix w -> SCALAR.row(w, token, out, to); // a copy
            case W8A8Matrix w -> throw w.unsuited();
        }
    }

    @Override
    public void scale(float[] values, int offset, int length, float factor) {
        VectorElements.scale(values, offset, length, factor);
    }

    @Override
    public int argmax(float[] values, int offset, int length) {
        return ScalarKernels.indexOf(values, offset, length, VectorAttention.max(values, offset, length));
    }

    @Override
    public double expSum(float[] values, int offset, int length, float max) {
        return VectorSoftmax.expSum(values, offset, length, max);
    }

    @Override
    public double entropySum(
            float[] values, int offset, int length, float max, double logSum, double cut, double below) {
        return VectorSoftmax.entropySum(values, offset, length, max, logSum, cut, below);
    }
}

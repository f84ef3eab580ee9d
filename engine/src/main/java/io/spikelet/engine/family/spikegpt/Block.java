package io.spikelet.engine.family.spikegpt;

import io.spikelet.engine.kernel.Kernels;
import io.spikelet.engine.kernel.RecurrentKernels;
import io.spikelet.engine.tensor.Matrix;
import io.spikelet.engine.tensor.W8A8Matrix;

/**
 * One block for all columns of a pass: products over all columns at once, scans along each sequence. Source: sections 4
 * and 5 of the specification, with its names. The stream x is {@code pass.stream}.
 */
record Block(int layer, SpikeGptConfig config, TimeMixing time, ChannelMixing channel) {
    /** The bits of the largest finite float. */
    private static final int FINITE = Float.floatToRawIntBits(Float.MAX_VALUE);

    /** @param decay {@code w = -exp(time_decay)} */
    @SuppressWarnings("ArrayRecordComponent") // read by channel, never compared
    record TimeMixing(
            Norm norm,
            TokenShift mixK,
            TokenShift mixV,
            TokenShift mixR,
            float[] decay,
            float[] first,
            Matrix key,
            Matrix value,
            Matrix receptance,
            Matrix output,
            NeuronBank neurons) {}

    record ChannelMixing(
            Norm norm,
            TokenShift mixK,
            TokenShift mixR,
            Matrix key,
            Matrix receptance,
            Matrix value,
            NeuronBank neurons) {}

    void forward(Kernels kernels, PassBuffers pass) {
        mixTime(kernels, pass);
        mixChannels(kernels, pass);
        if (config.halvesAfter(layer)) {
            kernels.scale(pass.stream, 0, pass.columns() * config.width(), 0.5f);
        }
    }

    /** {@code x = x + LIF1(Wo (r * wkv))}. */
    void mixTime(Kernels kernels, PassBuffers pass) {
        RecurrentKernels recurrent = kernels.recurrent();
        int width = config.width();
        int floats = pass.columns() * width;

        // a = LN1(x);  k = Wk xk;  v = Wv xv;  r = sigma(Wr xr)
        time.norm.forward(kernels, pass, pass.stream, pass.columns(), pass.normed);
        time.mixK.forward(kernels, pass);
        multiply(kernels, time.key, pass, pass.key);
        time.mixV.forward(kernels, pass);
        multiply(kernels, time.value, pass, pass.value);
        time.mixR.forward(kernels, pass);
        multiply(kernels, time.receptance, pass, pass.gate);
        recurrent.sigmoid(pass.gate, 0, floats);
        TokenShift.keep(pass, layer, RecurrentState.TIME_INPUT, width);

        // wkv along each sequence
        for (int run = 0; run < pass.runs(); run++) {
            RecurrentState state = pass.state(run);
            int numerator = state.offset(layer, RecurrentState.NUMERATOR); // B and o follow
            for (int at = pass.first(run) * width; at < pass.end(run) * width; at += width) {
                recurrent.wkv(
                        pass.key,
                        pass.value,
                        at,
                        time.decay,
                        time.first,
                        state.values,
                        numerator,
                        pass.exponentials,
                        pass.mixed);
            }
        }

        // x = x + LIF1(Wo (r * wkv))
        recurrent.multiply(pass.gate, 0, pass.mixed, 0, floats);
        multiply(kernels, time.output, pass, pass.current);
        rescale(kernels, pass);
        time.neurons.fire(kernels, pass, width);
    }

    /** {@code x = x + LIF2(sigma(Wr cr) * (Wv max(0, Wk ck)^2))}. */
    void mixChannels(Kernels kernels, PassBuffers pass) {
        RecurrentKernels recurrent = kernels.recurrent();
        int width = config.width();
        int hidden = config.hidden();
        int columns = pass.columns();

        // c = LN2(x);  g = max(0, Wk ck)^2;  r = sigma(Wr cr)
        channel.norm.forward(kernels, pass, pass.stream, columns, pass.normed);
        channel.mixK.forward(kernels, pass);
        multiply(kernels, channel.key, pass, pass.hidden);
        long active = squaredRelu(recurrent, pass);
        channel.mixR.forward(kernels, pass);
        multiply(kernels, channel.receptance, pass, pass.gate);
        recurrent.sigmoid(pass.gate, 0, columns * width);
        TokenShift.keep(pass, layer, RecurrentState.CHANNEL_INPUT, width);

        // x = x + LIF2(r * (Wv g))
        if (skips(active, columns) && isFinite(kernels, pass)) {
            for (int c = 0; c < columns; c++) {
                kernels.threshold(pass.hidden, c * hidden, hidden, Float.MIN_VALUE, pass.active, c * hidden);
            }
            recurrent.multiplyActive(
                    channel.value, pass.hidden, columns, pass.active, pass.counts, pass.packedHidden, pass.current);
        } else {
            pass.packedHidden.pack(pass.hidden, null, columns, hidden, hidden);
            kernels.multiply(channel.value, pass.packedHidden, width, pass.current, width);
        }
        recurrent.multiply(pass.gate, 0, pass.current, 0, columns * width);
        rescale(kernels, pass);
        channel.neurons.fire(kernels, pass, width);
    }

    private static void multiply(Kernels kernels, Matrix weights, PassBuffers pass, float[] out) {
        pass.packed.pack(pass.mixed, null, pass.columns(), weights.inputs(), weights.inputs());
        kernels.multiply(weights, pass.packed, weights.outputs(), out, weights.outputs());
    }

    /** Dividing by a power of two is exact, so the weights need not be divided. */
    private void rescale(Kernels kernels, PassBuffers pass) {
        float factor = config.currentScale(layer);
        if (factor != 1) {
            kernels.scale(pass.current, 0, pass.columns() * config.width(), factor);
        }
    }

    /**
     * Computes g and counts its exact zeros; stores the number of nonzero entries of each column in {@code pass.counts}
     * and returns their total.
     */
    private long squaredRelu(RecurrentKernels recurrent, PassBuffers pass) {
        int hidden = config.hidden();
        long active = 0;
        for (int run = 0; run < pass.runs(); run++) {
            long ofRun = 0;
            for (int c = pass.first(run); c < pass.end(run); c++) {
                pass.counts[c] = recurrent.squaredRelu(pass.hidden, c * hidden, hidden);
                ofRun += pass.counts[c];
            }
            pass.state(run).zeros[layer] += (long) (pass.end(run) - pass.first(run)) * hidden - ofRun;
            active += ofRun;
        }
        return active;
    }

    /** Whether to skip zeros. W8A8 reads four inputs of an output at once, and four adjacent zeros are rare. */
    private boolean skips(long active, int columns) {
        return !(channel.value instanceof W8A8Matrix)
                && RecurrentKernels.skippingPays(columns, config.hidden(), active);
    }

    /** Whether g is finite: 0 times infinity is not 0, and NaN does not compare as above 0. */
    private boolean isFinite(Kernels kernels, PassBuffers pass) {
        return kernels.magnitudeBits(pass.hidden, 0, pass.columns() * config.hidden()) <= FINITE;
    }
}

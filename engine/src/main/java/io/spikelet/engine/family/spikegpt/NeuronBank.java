package io.spikelet.engine.family.spikegpt;

import io.spikelet.engine.kernel.Kernels;

/**
 * A bank of leaky integrate-and-fire neurons, one per channel; membranes are kept from position to position. Source:
 * section 3 of the specification.
 *
 * @param vector index of the state vector that holds its membranes
 */
record NeuronBank(int layer, int vector, float tau, float threshold, boolean softReset, boolean decayInput) {

    /** A bank with learned parameters: {@code 1 + softplus(log_tau)} and {@code softplus(log_threshold)}. */
    static NeuronBank learned(SpikeGptConfig config, int layer, int vector, float logTau, float logThreshold) {
        return new NeuronBank(
                layer, vector, 1 + softplus(logTau), softplus(logThreshold), config.softReset(), config.decayInput());
    }

    /** Softplus as in torch: {@code ln(1 + e^y)}, or y itself above 20. */
    private static float softplus(float y) {
        return y > 20 ? y : (float) StrictMath.log1p(StrictMath.exp(y));
    }

    /** {@code x = x + LIF(current)}, each run starting from the membranes of its state; spikes are counted. */
    void fire(Kernels kernels, PassBuffers pass, int width) {
        for (int run = 0; run < pass.runs(); run++) {
            RecurrentState state = pass.state(run);
            long fired = 0;
            for (int c = pass.first(run); c < pass.end(run); c++) {
                int to = c * pass.words;
                kernels.recurrent()
                        .fire(
                                pass.current,
                                c * width,
                                width,
                                tau,
                                threshold,
                                softReset,
                                decayInput,
                                state.values,
                                state.offset(layer, vector),
                                pass.spikes,
                                to);
                kernels.binary().addBits(pass.spikes, to, width, pass.stream, c * width);
                fired += kernels.binary().count(pass.spikes, to, pass.words);
            }
            (vector == RecurrentState.MEMBRANE1 ? state.spikes1 : state.spikes2)[layer] += fired;
        }
    }
}

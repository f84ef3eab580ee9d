package io.spikelet.engine.family.spikegpt;

import io.spikelet.engine.kernel.Kernels;

/**
 * {@code mixed = now * m + before * (1 - m)}, where {@code before} is the normalised input of the previous position:
 * from the column before, or from the state.
 *
 * @param vector index of the state vector that keeps it
 */
@SuppressWarnings("ArrayRecordComponent") // read by channel, never compared
record TokenShift(int layer, int vector, float[] mix) {
    void forward(Kernels kernels, PassBuffers pass) {
        int width = mix.length;
        for (int run = 0; run < pass.runs(); run++) {
            RecurrentState state = pass.state(run);
            int first = pass.first(run);
            int at = first * width;
            kernels.recurrent().mix(pass.normed, at, state.values, state.offset(layer, vector), mix, pass.mixed, at);
            for (int c = first + 1; c < pass.end(run); c++) {
                at = c * width;
                kernels.recurrent().mix(pass.normed, at, pass.normed, at - width, mix, pass.mixed, at);
            }
        }
    }

    /** Stores the input for the next position; call it after every shift of this input. */
    static void keep(PassBuffers pass, int layer, int vector, int width) {
        for (int run = 0; run < pass.runs(); run++) {
            RecurrentState state = pass.state(run);
            int last = pass.end(run) - 1;
            System.arraycopy(pass.normed, last * width, state.values, state.offset(layer, vector), width);
        }
    }
}

package io.spikelet.engine.family.bispikclm;

import io.spikelet.engine.kernel.BinaryKernels;
import io.spikelet.engine.kernel.Kernels;
import io.spikelet.engine.tensor.Matrix;

/**
 * From a token to the input of block 0 at each time step. Source: section 4 of the specification.
 *
 * @param tokens {@code [vocabulary, width]}
 * @param positions {@code [maxPositions, width]}
 */
record InputCurrent(BispikclmConfig config, Neurons neurons, Matrix tokens, Matrix positions) {

    /** {@code e = (token_embedding[id] + position_embeddings[n]) * input_scale}, to the column's current. */
    void embed(Kernels kernels, PassBuffers pass, int column, int token) {
        int width = config.width();
        int at = column * width;
        kernels.row(tokens, token, pass.current, at);
        kernels.row(positions, pass.position(column), pass.positionRow, 0);
        kernels.binary().add(pass.positionRow, 0, width, pass.current, at);
        kernels.scale(pass.current, at, width, config.inputScale());
    }

    /** {@code x = e * (t / T)}, or e at every step; {@code x = SN_input(x)} if the model has that neuron. */
    void forward(Kernels kernels, PassBuffers pass, SequenceBits[] sequences) {
        BinaryKernels binary = kernels.binary();
        int width = config.width();
        for (int row = 0; row < pass.rows(); row++) {
            int column = row / pass.steps;
            int step = row % pass.steps + 1;
            float share = config.inputEncoding() == InputEncoding.RAMP ? (float) ((double) step / pass.steps) : 1f;
            binary.scaled(share, pass.current, column * width, width, pass.stream, row * width);
        }
        if (!config.inputSpike()) {
            return;
        }
        neurons.fire(binary, pass.stream, pass.columns(), width, pass.spikes);
        for (int row = 0; row < pass.rows(); row++) {
            binary.spread(pass.spikes, row * pass.words, width, pass.stream, row * width);
        }
        int columnWords = pass.steps * pass.words;
        for (int column = 0; column < pass.columns(); column++) {
            sequences[column].activity.input(binary.count(pass.spikes, column * columnWords, columnWords));
        }
    }
}

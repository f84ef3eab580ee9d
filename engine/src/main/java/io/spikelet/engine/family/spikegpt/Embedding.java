package io.spikelet.engine.family.spikegpt;

import io.spikelet.engine.kernel.Kernels;
import io.spikelet.engine.model.MappedWeights;
import io.spikelet.engine.model.PassColumns;
import io.spikelet.engine.tensor.BitMatrix;
import io.spikelet.engine.tensor.Matrix;

/**
 * From a token to the stream: the bits or values of its embedding, then the first norm.
 *
 * @param bits {@code [vocabulary, width]}; null for values
 * @param values {@code [vocabulary, width]}; null for bits
 */
record Embedding(BitMatrix bits, Matrix values, Norm norm) {
    static Embedding of(SpikeGptConfig config, MappedWeights weights) {
        Norm norm = Norm.of(weights, SpikeGptTensors.FIRST_NORM, config.epsilon());
        return config.profile().isBinary()
                ? new Embedding(weights.bits(SpikeGptTensors.EMBEDDING), null, norm)
                : new Embedding(null, weights.matrix(SpikeGptTensors.EMBEDDING), norm);
    }

    /** {@code x = LN0(b)} of every column. */
    void forward(Kernels kernels, PassBuffers pass, PassColumns columns) {
        int width = norm.weight().length;
        for (int c = 0; c < columns.count(); c++) {
            if (bits == null) {
                kernels.row(values, columns.token(c), pass.stream, c * width);
            } else {
                bits.row(columns.token(c), pass.token, 0);
                kernels.binary().spread(pass.token, 0, width, pass.stream, c * width);
            }
        }
        norm.forward(kernels, pass, pass.stream, columns.count(), pass.stream);
    }
}

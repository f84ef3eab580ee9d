package io.spikelet.engine.family.symboliclight;

import io.spikelet.engine.kernel.Kernels;
import io.spikelet.engine.tensor.Matrix;

/**
 * From token ids to the residual stream and spikes: embedding, layer norm, leaky integrate-and-fire. Source: section 2
 * of the specification.
 *
 * @param embedding {@code [vocab, width]}
 * @param leak membrane leak per step
 * @param threshold a unit fires when its membrane potential is greater or equal
 * @param ranked whether, instead of the units that would fire, the same number of units with the largest inputs fire
 *     (an ablation)
 */
record SpikeEncoder(Matrix embedding, LayerNorm norm, float leak, float threshold, boolean ranked) {
    /**
     * {@code x = LN(E[token]);  v = clamp(leak * v + x, -3, 3);  s = [v >= theta];  v = 0 where s}: fills the residual and the
     * spikes of one column and advances the sequence's membrane {@code [width]}.
     */
    void forward(Kernels kernels, PassBuffers columns, int column, int token, float[] membrane) {
        int at = column * columns.width;
        kernels.row(embedding, token, columns.residual, at);
        kernels.layerNorm(columns.residual, at, null, 0, norm.weight(), norm.bias(), columns.residual, at);
        int fired = kernels.integrateAndFire(
                membrane,
                columns.residual,
                at,
                columns.width,
                leak,
                threshold,
                columns.spikes.indices(),
                columns.spikes.offset(column));
        if (ranked) {
            TopKMask.select(
                    columns.residual,
                    at,
                    columns.width,
                    fired,
                    columns.spikes.indices(),
                    columns.spikes.offset(column));
        }
        columns.spikes.count(column, fired);
    }
}

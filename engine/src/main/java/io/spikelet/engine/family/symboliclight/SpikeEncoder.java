package io.spikelet.engine.family.symboliclight;

import io.spikelet.engine.kernel.Kernels;
import io.spikelet.engine.tensor.Matrix;

/**
 * Token ids to the residual stream and to spikes: embedding, layer norm, leaky integrate-and-fire.
 *
 * @param embedding {@code [vocab, width]}
 * @param leak membrane leak per step
 * @param threshold a unit fires when its membrane potential is greater or equal
 * @param ranked instead of those that would fire, as many units with the largest inputs do (an ablation)
 */
record SpikeEncoder(Matrix embedding, LayerNorm norm, float leak, float threshold, boolean ranked) {
    /** Fills the residual and the spikes of one column and advances the sequence's membrane {@code [width]}. */
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

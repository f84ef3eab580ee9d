package io.spikelet.engine.family.symboliclight;

import io.spikelet.engine.kernel.Kernels;
import io.spikelet.engine.tensor.Matrix;

/**
 * Binary hidden units without memory, and the sum of the down vectors of the units that fire. Source: section 3.5 of
 * the specification.
 *
 * @param up {@code [hidden, width]}, panels
 * @param down {@code [width, hidden]}, input-major
 */
record SpikingFeedForward(Matrix up, Matrix down, LayerNorm norm, float threshold) {
    /**
     * {@code u = [W_up y >= theta];  x = LN(y + W_down u);  s = [x >= theta]}: replaces the residual by the block's output and
     * {@code columns.spikes} by its spikes.
     */
    void forward(Kernels kernels, PassBuffers columns, BlockState[] states) {
        int width = columns.width;
        int units = columns.hiddenWidth;
        columns.packed.pack(columns.residual, null, columns.count, width, width);
        kernels.multiply(up, columns.packed, units, columns.hiddenValues, units);
        columns.hidden.begin(columns.count);
        for (int c = 0; c < columns.count; c++) {
            int fired = kernels.threshold(
                    columns.hiddenValues,
                    c * units,
                    units,
                    threshold,
                    columns.hidden.indices(),
                    columns.hidden.offset(c));
            columns.hidden.count(c, fired);
            states[c].hiddenSpikes += fired;
        }
        kernels.accumulate(down, columns.hidden, columns.projected, width);
        for (int c = 0; c < columns.count; c++) {
            int at = c * width;
            kernels.layerNorm(
                    columns.residual, at, columns.projected, at, norm.weight(), norm.bias(), columns.residual, at);
            int fired = kernels.threshold(
                    columns.residual, at, width, threshold, columns.spikes.indices(), columns.spikes.offset(c));
            columns.spikes.count(c, fired);
            states[c].outputSpikes += fired;
        }
    }
}

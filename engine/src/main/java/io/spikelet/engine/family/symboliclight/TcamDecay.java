package io.spikelet.engine.family.symboliclight;

import io.spikelet.engine.kernel.Kernels;
import io.spikelet.engine.tensor.Matrix;

/**
 * The recurrent path: {@code state = decay * state + (1 - decay) * (W s)} per head, from a zero state. A position
 * without spikes adds nothing, but the state still decays and is read. Source: section 3.2 of the specification.
 */
final class TcamDecay {
    private final Matrix projection;
    private final float[] decay; // (channel)
    private final float[] gain; // (channel): 1 - decay

    /**
     * @param projection {@code [width, width]}, input-major
     * @param rawDecay {@code [heads]}, before the sigmoid
     */
    TcamDecay(Matrix projection, float[] rawDecay) {
        this.projection = projection;
        int width = projection.outputs();
        int headDim = width / rawDecay.length;
        this.decay = new float[width];
        this.gain = new float[width];
        for (int i = 0; i < width; i++) {
            decay[i] = Gates.sigmoid(rawDecay[i / headDim]);
            gain[i] = 1f - decay[i];
        }
    }

    /** {@code h = d * h + (1 - d) * (W s)}: spikes to {@code columns.decayed}, advancing each state in column order. */
    void forward(Kernels kernels, PassBuffers columns, BlockState[] states) {
        int width = columns.width;
        kernels.accumulate(projection, columns.spikes, columns.decayed, width);
        for (int c = 0; c < columns.count; c++) {
            float[] state = states[c].decay;
            kernels.decay(state, decay, gain, columns.decayed, c * width);
            System.arraycopy(state, 0, columns.decayed, c * width, width);
        }
    }
}

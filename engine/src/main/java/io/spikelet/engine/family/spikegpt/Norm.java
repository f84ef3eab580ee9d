package io.spikelet.engine.family.spikegpt;

import io.spikelet.engine.kernel.Kernels;
import io.spikelet.engine.model.MappedWeights;

/** A LayerNorm; weight and bias have one entry per channel. */
@SuppressWarnings("ArrayRecordComponent") // read by channel, never compared
record Norm(float[] weight, float[] bias, float epsilon) {
    static Norm of(MappedWeights weights, String name, float epsilon) {
        return new Norm(weights.vector(name + "weight"), weights.vector(name + "bias"), epsilon);
    }

    /** Normalises the first {@code columns} rows of {@code from}. */
    void forward(Kernels kernels, PassBuffers pass, float[] from, int columns, float[] to) {
        int width = weight.length;
        for (int at = 0; at < columns * width; at += width) {
            kernels.recurrent().layerNorm(from, at, weight, bias, epsilon, pass.stripes, to, at);
        }
    }
}

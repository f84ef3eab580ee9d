package io.spikelet.engine.family.bispikclm;

import io.spikelet.engine.kernel.BinaryKernels;
import io.spikelet.engine.kernel.Kernels;
import io.spikelet.engine.kernel.PackedColumns;
import io.spikelet.engine.tensor.Int8Matrix;

/**
 * From the stream, summed over the steps, to logits: {@code Z = sum of x}; {@code y = LayerNorm_final(Z / T)}, or of Z;
 * {@code logits = (token_embedding · y) * exp(readout_log_scale)}. The norm is folded like the others, and dividing by
 * T is equivalent to an epsilon that is T² times as large. Source: sections 4 and 7 of the specification.
 *
 * @param projection the token embedding, folded with the final norm, in panels
 * @param factor {@code exp(readout_log_scale)}, 1 without it
 */
record OutputHead(BispikclmConfig config, Linear projection, float factor) {
    /** Sums of products below this are exact in float32 in any order. */
    private static final long EXACT = 1L << 24;

    private static final int MAX_CODE = 127;

    /** Buffers of one decoder. */
    static final class Scratch {
        private final PackedColumns packed;
        private final float[] normalised; // (wanted column, width)

        Scratch(BispikclmConfig config, int maxColumns) {
            this.packed = new PackedColumns(maxColumns, config.width());
            this.normalised = new float[Math.multiplyExact(maxColumns, config.width())];
        }
    }

    /** Computes the logits of some columns, {@code logits (row of wanted, vocabulary)}. */
    void forward(
            Kernels kernels,
            PassBuffers pass,
            int[] wanted,
            int count,
            int vocabulary,
            float[] logits,
            Scratch scratch) {
        int width = config.width();
        for (int i = 0; i < count; i++) {
            sumSteps(kernels.binary(), pass, wanted[i]);
        }
        if (config.blockOutput(config.layers() - 1).isInteger()) {
            project(kernels, pass, wanted, count, vocabulary, logits, scratch);
        } else {
            for (int i = 0; i < count; i++) {
                kernels.binary()
                        .normalise(pass.readout, wanted[i] * width, width, epsilon(), scratch.normalised, i * width);
            }
            scratch.packed.pack(scratch.normalised, null, count, width, width);
            kernels.multiply(projection.weights(), scratch.packed, vocabulary, logits, vocabulary);
            for (int i = 0; i < count; i++) {
                kernels.binary().add(projection.constants(), 0, vocabulary, logits, i * vocabulary);
            }
        }
        kernels.scale(logits, 0, count * vocabulary, factor);
    }

    private void sumSteps(BinaryKernels binary, PassBuffers pass, int column) {
        int width = config.width();
        int row = column * pass.steps;
        binary.scaled(1f, pass.stream, row * width, width, pass.readout, column * width);
        for (int t = 1; t < pass.steps; t++) {
            binary.add(pass.stream, (row + t) * width, width, pass.readout, column * width);
        }
    }

    private void project(
            Kernels kernels,
            PassBuffers pass,
            int[] wanted,
            int count,
            int vocabulary,
            float[] logits,
            Scratch scratch) {
        int width = config.width();
        BinaryKernels binary = kernels.binary();
        scratch.packed.pack(pass.readout, wanted, count, width, width);
        kernels.multiply(projection.codes(), scratch.packed, vocabulary, logits, vocabulary);
        for (int i = 0; i < count; i++) {
            int at = wanted[i] * width;
            long sum = binary.sum(pass.readout, at, width);
            if (sum * MAX_CODE >= EXACT && projection.codes() instanceof Int8Matrix codes) {
                binary.multiplyExactly(codes, pass.readout, at, vocabulary, logits, i * vocabulary);
            }
            double variance =
                    (double) (width * binary.squares(pass.readout, at, width) - sum * sum) / ((double) width * width);
            float mean = (float) ((double) sum / width);
            float inverse = (float) (1.0 / Math.sqrt(variance + epsilon()));
            projection.finish(binary, logits, i * vocabulary, vocabulary, true, mean, inverse);
        }
    }

    private double epsilon() {
        int steps = config.readoutMean() ? config.steps() : 1;
        return config.epsilon() * (steps * steps);
    }
}

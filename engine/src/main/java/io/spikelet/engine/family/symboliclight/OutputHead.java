package io.spikelet.engine.family.symboliclight;

import io.spikelet.engine.kernel.Kernels;
import io.spikelet.engine.kernel.PackedColumns;
import io.spikelet.engine.tensor.Matrix;

/**
 * From the residual stream to logits: {@code W_o x + weight * prior}, where the prior is a bottleneck network of x, a
 * fixed vector, or absent. Source: section 4 of the specification.
 *
 * <p>Immutable and thread-safe.
 */
final class OutputHead {
    private final Matrix output;
    private final float priorWeight;
    private final Matrix priorIn;
    private final Matrix priorOut;
    private final float[] logPrior;

    private OutputHead(Matrix output, float priorWeight, Matrix priorIn, Matrix priorOut, float[] logPrior) {
        this.output = output;
        this.priorWeight = priorWeight;
        this.priorIn = priorIn;
        this.priorOut = priorOut;
        this.logPrior = logPrior;
    }

    /**
     * @param output {@code [vocab, width]}
     * @param priorIn {@code [bottleneck, width]}
     * @param priorOut {@code [vocab, bottleneck]}
     */
    static OutputHead dynamic(Matrix output, float priorWeight, Matrix priorIn, Matrix priorOut) {
        return new OutputHead(output, priorWeight, priorIn, priorOut, null);
    }

    /**
     * @param output {@code [vocab, width]}
     * @param logPrior {@code [vocab]}
     */
    static OutputHead fixed(Matrix output, float priorWeight, float[] logPrior) {
        return new OutputHead(output, priorWeight, null, null, logPrior);
    }

    /** This head without its prior (an ablation). */
    OutputHead withoutPrior() {
        return new OutputHead(output, 0f, null, null, null);
    }

    /** Buffers of one decoder for {@code rows} positions at once. */
    Scratch scratch(int rows, int vocab) {
        int bottleneck = priorIn == null ? 1 : priorIn.outputs();
        return new Scratch(rows, vocab, bottleneck);
    }

    /** Not thread-safe. */
    static final class Scratch {
        private final float[] hidden; // (row, bottleneck)
        private final float[] prior; // (row, vocab)
        private final PackedColumns packed;

        private Scratch(int rows, int vocab, int bottleneck) {
            this.hidden = new float[rows * bottleneck];
            this.prior = new float[Math.multiplyExact(rows, vocab)];
            this.packed = new PackedColumns(rows, bottleneck);
        }
    }

    /**
     * {@code W_o x + w * (W_2 GELU(W_0 x))}, or {@code + w * log prior}: logits of the ids below {@code vocab} for the chosen columns.
     *
     * @param rows columns, in order
     * @param logits {@code [count][vocab]}
     */
    void forward(
            Kernels kernels, PassBuffers columns, int[] rows, int count, int vocab, float[] logits, Scratch scratch) {
        columns.packed.pack(columns.residual, rows, count, columns.width, columns.width);
        kernels.multiply(output, columns.packed, vocab, logits, vocab);
        if (logPrior != null) {
            for (int r = 0; r < count; r++) {
                kernels.addScaled(priorWeight, logPrior, 0, logits, r * vocab, vocab);
            }
            return;
        }
        if (priorIn == null) {
            return;
        }
        int bottleneck = priorIn.outputs();
        kernels.multiply(priorIn, columns.packed, bottleneck, scratch.hidden, bottleneck);
        kernels.gelu(scratch.hidden, 0, count * bottleneck);
        scratch.packed.pack(scratch.hidden, null, count, bottleneck, bottleneck);
        kernels.multiply(priorOut, scratch.packed, vocab, scratch.prior, vocab);
        kernels.addScaled(priorWeight, scratch.prior, 0, logits, 0, count * vocab);
    }
}

package io.spikelet.engine.layer;

import static io.spikelet.engine.kernel.AttentionKernels.KEYS;

import io.spikelet.engine.kernel.Kernels;
import io.spikelet.engine.tensor.Matrix;
import java.util.Arrays;

/**
 * Causal attention over the active positions among the last {@code window + 1} and the anchors. A position without spikes
 * attends to nothing and is attended by nobody.
 *
 * @param query {@code [width, width]}; key and value alike
 */
public record LocalAttention(Matrix query, Matrix key, Matrix value, int heads, int headDim) {
    /** Scratch of one decoder: the scores of one head. */
    public static final class Scratch {
        private final Rope rope;
        private final float[] scores;
        private final int[] ends; // (active column): ordinal after its own key

        /** For caches of at most {@code maxSlots} panels and passes of at most {@code maxColumns} columns. */
        public Scratch(Rope rope, int maxSlots, int maxColumns) {
            this.rope = rope;
            this.scores = new float[maxSlots * KEYS];
            this.ends = new int[maxColumns];
        }
    }

    /** Leaves the attention output of the active columns in {@code columns.query}, by active index. */
    void forward(Kernels kernels, Columns columns, BlockState[] states, Scratch scratch) {
        int n = columns.activeCount;
        int width = columns.width;
        if (n == 0) {
            return;
        }
        columns.packed.pack(columns.residual, columns.active, n, width, width);
        kernels.multiply(query, columns.packed, width, columns.query, width);
        kernels.multiply(key, columns.packed, width, columns.key, width);
        kernels.multiply(value, columns.packed, width, columns.value, width);
        for (int j = 0; j < n; j++) {
            int column = columns.active[j];
            int position = columns.positions[column];
            float[] cosine = scratch.rope.cosine(position, column);
            float[] sine = scratch.rope.sine(position, column);
            kernels.rotate(columns.query, j * width, heads, headDim, cosine, sine);
            kernels.rotate(columns.key, j * width, heads, headDim, cosine, sine);
            KeyValueCache cache = states[column].cache;
            cache.append(columns.key, j * width, columns.value, j * width, position);
            scratch.ends[j] = cache.length();
        }
        for (int j = 0; j < n; j++) {
            int column = columns.active[j];
            attend(kernels, columns, j, states[column].cache, columns.positions[column], scratch);
        }
    }

    private void attend(Kernels kernels, Columns columns, int j, KeyValueCache cache, int position, Scratch scratch) {
        Span span = new Span(cache, position, scratch.ends[j]);
        int at = j * columns.width;
        float scale = (float) (1 / Math.sqrt(headDim));
        for (int h = 0; h < heads; h++, at += headDim) {
            span.score(kernels, cache, h, headDim, columns.query, at, scale, scratch.scores);
            int length = span.entries();
            float max = kernels.max(scratch.scores, 0, length);
            float sum = kernels.expSum(scratch.scores, length, max);
            Arrays.fill(columns.query, at, at + headDim, 0f);
            span.addValues(kernels, cache, h, headDim, scratch.scores, columns.query, at);
            kernels.scale(columns.query, at, headDim, 1f / sum);
        }
    }
}

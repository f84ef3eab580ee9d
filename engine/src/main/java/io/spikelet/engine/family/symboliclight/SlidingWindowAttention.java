package io.spikelet.engine.family.symboliclight;

import io.spikelet.engine.kernel.Kernels;
import io.spikelet.engine.tensor.Matrix;

/**
 * Causal attention over the active positions among the last {@code window + 1} and the anchors. A position without
 * spikes attends to nothing, and no position attends to it. Source: section 3.3 of the specification; {@link
 * Visibility} defines which keys are visible.
 *
 * @param query {@code [width, width]}, like key and value
 */
record SlidingWindowAttention(Matrix query, Matrix key, Matrix value, int heads, int headDim) {
    /** Scratch of one decoder. */
    static final class Scratch {
        private final Rope rope;
        private final AttentionTile tile;
        private final int[] ends; // (active column): ordinal after its own key

        /**
         * Creates scratch for caches of at most {@code maxSlots} panels and passes of at most {@code maxColumns}
         * columns.
         */
        Scratch(SymbolicLightConfig config, Rope rope, int maxSlots, int maxColumns) {
            this.rope = rope;
            this.tile = new AttentionTile(maxSlots, new FloatsRead(config.keyValues(), config.headDim()));
            this.ends = new int[maxColumns];
        }
    }

    /**
     * {@code q, k, v = W_q x, W_k x, W_v x}, q and k rotated; {@code a = sum over visible j of softmax(q k_j /
     * sqrt(dh)) v_j}: stores the attention output of the active columns in {@code columns.query}, by active index.
     */
    void forward(Kernels kernels, PassBuffers columns, BlockState[] states, Scratch scratch) {
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
            cache.append(kernels, columns.key, j * width, columns.value, j * width, position);
            scratch.ends[j] = cache.length();
        }
        for (int j = 0; j < n; ) {
            int end = j + 1;
            while (end < Math.min(n, j + AttentionTile.QUERIES)
                    && cache(columns, states, end) == cache(columns, states, j)) {
                end++;
            }
            attend(kernels, columns, j, end, cache(columns, states, j), scratch);
            j = end;
        }
    }

    private static KeyValueCache cache(PassBuffers columns, BlockState[] states, int j) {
        return states[columns.active[j]].cache;
    }

    /** Computes the attention of the active columns [from, to), which belong to one sequence. */
    private void attend(Kernels kernels, PassBuffers columns, int from, int to, KeyValueCache cache, Scratch scratch) {
        scratch.tile.begin(cache);
        for (int j = from; j < to; j++) {
            scratch.tile.add(columns.positions[columns.active[j]], scratch.ends[j]);
        }
        scratch.tile.plan();
        int width = columns.width;
        float scale = (float) (1 / Math.sqrt(headDim));
        for (int h = 0; h < heads; h++) {
            scratch.tile.attend(kernels, h, headDim, columns.query, from * width + h * headDim, width, scale);
        }
    }
}

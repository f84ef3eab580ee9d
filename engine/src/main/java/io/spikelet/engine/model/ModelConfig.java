package io.spikelet.engine.model;

/**
 * Hyperparameters of a SymbolicLight V1 model; every component is an upstream config field.
 *
 * @param vocabSize logits per position; may exceed the tokenizer's vocabulary
 * @param embedDim {@code heads * headDim}
 * @param headDim even
 * @param intermediateDim hidden units of the feed-forward
 * @param maxSeqLen trained context in tokens; longer sequences run (RoPE extrapolates)
 * @param spikeThreshold a unit fires when its value is greater or equal
 * @param leakFactor membrane leak per step
 * @param window attention reaches keys at distance 0..window
 * @param anchors the first positions, visible from everywhere
 * @param entropyExit 194M only: uncached calls stop after the first confident block
 */
public record ModelConfig(
        Variant variant,
        int vocabSize,
        int embedDim,
        int layers,
        int heads,
        int headDim,
        int intermediateDim,
        int maxSeqLen,
        float spikeThreshold,
        float leakFactor,
        float ropeTheta,
        int window,
        int anchors,
        boolean sparseAttention,
        boolean dynamicPrior,
        boolean entropyExit,
        float entropyExitThreshold) {
    /** Largest extent of a tensor; with it no product of extents and element size overflows. */
    static final int MAX_EXTENT = 1 << 24;

    /** Most positions that a config may reach back or was trained for: a decoder keeps scores and angles for them. */
    static final int MAX_POSITIONS = 1 << 20;

    public ModelConfig {
        require(vocabSize >= 1 && vocabSize <= MAX_EXTENT, "vocab_size", vocabSize, "1 to " + MAX_EXTENT);
        require(layers >= 1 && layers <= 4096, "n_layers", layers, "1 to 4096");
        require(headDim >= 2 && headDim % 2 == 0, "head_dim", headDim, "even and at least 2");
        require((long) heads * headDim == embedDim && heads >= 1, "embed_dim", embedDim, "n_heads * head_dim");
        require(embedDim >= 4 && embedDim <= 1 << 20, "embed_dim", embedDim, "4 to 1048576");
        require(
                intermediateDim >= 1 && intermediateDim <= MAX_EXTENT,
                "intermediate_dim",
                intermediateDim,
                "1 to " + MAX_EXTENT);
        require(maxSeqLen >= 1 && maxSeqLen <= MAX_POSITIONS, "max_seq_len", maxSeqLen, "1 to " + MAX_POSITIONS);
        require(spikeThreshold > 0 && Float.isFinite(spikeThreshold), "spike_threshold", spikeThreshold, "above 0");
        require(leakFactor >= 0 && leakFactor <= 1, "leak_factor", leakFactor, "0 to 1");
        require(ropeTheta > 0 && Float.isFinite(ropeTheta), "rope_theta", ropeTheta, "above 0");
        require(window >= 1 && window <= MAX_POSITIONS, "sparse_attn_window", window, "1 to " + MAX_POSITIONS);
        require(anchors >= 0 && anchors <= MAX_POSITIONS, "n_global_anchors", anchors, "0 to " + MAX_POSITIONS);
        require(
                Float.isFinite(entropyExitThreshold),
                "entropy_exit_threshold",
                entropyExitThreshold,
                "a finite number");
    }

    /** Width of the dynamic prior's bottleneck. */
    public int priorDim() {
        return embedDim / 4;
    }

    private static void require(boolean holds, String field, Object value, String limit) {
        if (!holds) {
            throw new IllegalArgumentException("config field " + field + " is " + value + "; it must be " + limit);
        }
    }
}

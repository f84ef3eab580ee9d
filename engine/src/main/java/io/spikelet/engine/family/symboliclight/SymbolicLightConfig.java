package io.spikelet.engine.family.symboliclight;

import io.spikelet.engine.kernel.PackedColumns;
import io.spikelet.engine.model.CostModel;
import io.spikelet.engine.model.FamilyConfig;
import io.spikelet.engine.model.KeyValueType;
import io.spikelet.engine.model.LanguageModel;
import io.spikelet.engine.model.MappedWeights;
import io.spikelet.engine.model.ModelFamily;
import io.spikelet.engine.model.ModelManifest;
import io.spikelet.engine.model.SamplerPolicy;
import io.spikelet.engine.model.SpikeProduct;
import io.spikelet.engine.model.StateShape;
import io.spikelet.engine.model.StopTokens;
import io.spikelet.engine.model.TensorEntry;
import io.spikelet.engine.model.TensorSpec;
import io.spikelet.engine.telemetry.Population;
import io.spikelet.engine.token.Tokenizer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * Hyperparameters of a SymbolicLight V1 model; all components except {@code release} and {@code keyValues} are upstream
 * config fields.
 *
 * @param release the released model whose variant it is
 * @param vocabSize logits per position; may exceed the tokenizer's vocabulary
 * @param embedDim {@code heads * headDim}
 * @param headDim even
 * @param intermediateDim hidden units of the feed-forward
 * @param maxSeqLen trained context in tokens; longer sequences are allowed (RoPE extrapolates)
 * @param spikeThreshold a unit fires when its value is greater or equal
 * @param leakFactor membrane leak per step
 * @param window attention reaches keys at distance 0..window
 * @param anchors the first positions, visible from everywhere
 * @param entropyExit 194M only: uncached calls stop after the first confident block
 * @param keyValues number format of the keys and values that attention stores; chosen per run
 */
public record SymbolicLightConfig(
        Variant release,
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
        float entropyExitThreshold,
        KeyValueType keyValues)
        implements FamilyConfig {
    static final String ENCODER = "encoder";
    static final String FFN = "ffn";
    static final String BLOCK = "block";

    private static final int MAX_EXTENT = TensorEntry.MAX_EXTENT;

    /** Limit on the window and the trained context, in positions, because a decoder keeps scores and angles for them. */
    static final int MAX_POSITIONS = 1 << 20;

    public SymbolicLightConfig {
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

    /** A configuration with float32 keys and values. */
    public SymbolicLightConfig(
            Variant release,
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
        this(
                release,
                vocabSize,
                embedDim,
                layers,
                heads,
                headDim,
                intermediateDim,
                maxSeqLen,
                spikeThreshold,
                leakFactor,
                ropeTheta,
                window,
                anchors,
                sparseAttention,
                dynamicPrior,
                entropyExit,
                entropyExitThreshold,
                KeyValueType.FLOAT32);
    }

    @Override
    public ModelFamily family() {
        return SymbolicLight.FAMILY;
    }

    @Override
    public String variant() {
        return release.label();
    }

    @Override
    public int contextLength() {
        return maxSeqLen;
    }

    @Override
    public boolean mayExceedContext() {
        return true;
    }

    @Override
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("vocab_size", vocabSize);
        fields.put("embed_dim", embedDim);
        fields.put("n_layers", layers);
        fields.put("n_heads", heads);
        fields.put("head_dim", headDim);
        fields.put("intermediate_dim", intermediateDim);
        fields.put("max_seq_len", maxSeqLen);
        fields.put("spike_threshold", spikeThreshold);
        fields.put("leak_factor", leakFactor);
        fields.put("rope_theta", ropeTheta);
        fields.put("sparse_attn_window", window);
        fields.put("n_global_anchors", anchors);
        fields.put("enable_sparse_attn", sparseAttention);
        fields.put("enable_dynamic_prior", dynamicPrior);
        if (release == Variant.V194M) {
            fields.put("enable_entropy_exit", entropyExit);
            fields.put("entropy_exit_threshold", entropyExitThreshold);
        }
        return fields;
    }

    @Override
    public List<TensorSpec> tensors() {
        return SymbolicLightTensors.of(this);
    }

    @Override
    public List<SpikeProduct> spikeProducts() {
        List<SpikeProduct> products = new ArrayList<>();
        for (int layer = 0; layer < layers; layer++) {
            String block = SymbolicLightTensors.block(layer);
            products.add(
                    layer == 0
                            ? new SpikeProduct(block + SymbolicLightTensors.DECAY, ENCODER, 0)
                            : new SpikeProduct(block + SymbolicLightTensors.DECAY, BLOCK, layer - 1));
            products.add(new SpikeProduct(block + SymbolicLightTensors.DOWN, FFN, layer));
        }
        return products;
    }

    @Override
    public List<Population> populations() {
        return List.of(
                new Population(ENCODER, 1, embedDim),
                new Population(FFN, layers, intermediateDim),
                new Population(BLOCK, layers, embedDim));
    }

    @Override
    public SamplerPolicy sampler() {
        return release == Variant.V194M ? SymbolicLightSampler.V194M : SymbolicLightSampler.V0_8B;
    }

    @Override
    public StopTokens stopTokens(SamplerPolicy policy, OptionalInt eos, Optional<Tokenizer> tokenizer) {
        return SymbolicLightStops.of(policy, release, eos, tokenizer);
    }

    @Override
    public List<String> ablations() {
        return SymbolicLightAblation.labels().stream()
                .filter(label -> sparseAttention || !label.equals(SymbolicLightAblation.ATTENTION.label()))
                .toList();
    }

    @Override
    public OptionalDouble exitEntropy() {
        return entropyExit ? OptionalDouble.of(entropyExitThreshold) : OptionalDouble.empty();
    }

    @Override
    public StateShape states(int maxColumns) {
        return new SymbolicLightStates(this, maxColumns);
    }

    @Override
    public boolean roundsInputs() {
        return true;
    }

    @Override
    public Optional<KeyValueType> keyValueCache() {
        return sparseAttention ? Optional.of(keyValues) : Optional.empty();
    }

    @Override
    public SymbolicLightConfig withKeyValueCache(KeyValueType type) {
        if (!sparseAttention) {
            throw new IllegalArgumentException("--kv-cache " + type.label()
                    + ": this model has no attention, so it stores no keys and values; leave the option out");
        }
        return new SymbolicLightConfig(
                release,
                vocabSize,
                embedDim,
                layers,
                heads,
                headDim,
                intermediateDim,
                maxSeqLen,
                spikeThreshold,
                leakFactor,
                ropeTheta,
                window,
                anchors,
                sparseAttention,
                dynamicPrior,
                entropyExit,
                entropyExitThreshold,
                type);
    }

    /** Nearly all of it is per column: about a dozen vectors of the width, the hidden units, and the prior's logits. */
    @Override
    public long scratchBytes(int maxColumns, int vocabulary) {
        long width = embedDim;
        long units = intermediateDim;
        long vectors = 7 * width + units; // residual, decayed, query, key, value, mixed, projected; hidden
        long spikes = width + units; // as indices
        long accumulators = 2 * width; // of both products with spikes: an int and a short each
        long prior = vocabulary + priorDim();
        long perColumn =
                Float.BYTES * (vectors + spikes + prior + headDim) + (Integer.BYTES + Short.BYTES) * accumulators;
        long angles = (long) maxSeqLen * headDim * Float.BYTES;
        long packed =
                PackedColumns.bytes(maxColumns, embedDim) + PackedColumns.bytes(maxColumns, Math.max(1, priorDim()));
        return maxColumns * perColumn + packed + angles + FloatsRead.bytes(keyValues, headDim);
    }

    @Override
    public CostModel costs(ModelManifest manifest, int vocabulary) {
        return new SymbolicLightCosts(this, manifest, vocabulary);
    }

    @Override
    public LanguageModel open(MappedWeights weights) {
        return SymbolicLightModel.open(this, weights);
    }

    /** The rule for which keys a query sees, the same in every block. */
    Visibility visibility() {
        return new Visibility(window, anchors);
    }

    /** Bytes of a position's key and value in one block. */
    long keyValueBytes() {
        long factors = keyValues == KeyValueType.INT8 ? (long) heads * Float.BYTES : 0;
        return 2 * ((long) embedDim * keyValues.bytes() + factors);
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

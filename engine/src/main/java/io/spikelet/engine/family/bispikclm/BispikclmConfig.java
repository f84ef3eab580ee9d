package io.spikelet.engine.family.bispikclm;

import io.spikelet.engine.kernel.MembraneReset;
import io.spikelet.engine.model.CommonSampler;
import io.spikelet.engine.model.CostModel;
import io.spikelet.engine.model.DenseTwin;
import io.spikelet.engine.model.FamilyConfig;
import io.spikelet.engine.model.LanguageModel;
import io.spikelet.engine.model.MappedWeights;
import io.spikelet.engine.model.ModelFamily;
import io.spikelet.engine.model.ModelManifest;
import io.spikelet.engine.model.SamplerPolicy;
import io.spikelet.engine.model.SpikeProduct;
import io.spikelet.engine.model.StateShape;
import io.spikelet.engine.model.StopTokens;
import io.spikelet.engine.model.TensorSpec;
import io.spikelet.engine.telemetry.Population;
import io.spikelet.engine.token.SpecialTokens;
import io.spikelet.engine.token.Tokenizer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Shape and switches of a model, with the field names of the checkpoint. The defaults are those of the public
 * reproduction.
 *
 * @param vocabSize {@code vocab_size}, V
 * @param width {@code hidden_size}, D
 * @param hidden {@code intermediate_size}, F
 * @param heads {@code num_attention_heads}; divides the width
 * @param layers {@code num_hidden_layers}
 * @param maxPositions {@code max_position_embeddings}; positions are learned, so no sequence can be longer
 * @param steps {@code num_steps}, T: time steps of each token
 * @param threshold {@code spike_threshold} of every neuron
 * @param decay {@code membrane_decay} of every neuron
 * @param epsilon {@code layer_norm_eps}
 * @param inputScale {@code input_scale}: factor applied to the sum of the two embeddings
 * @param inputSpike whether a neuron turns the input current into bits
 * @param layerNorm whether {@code block_norm} is {@code layer_norm}: before attention and before the MLP
 * @param contextSpike a neuron between attention and its output projection
 * @param residualSpike a neuron on the first residual sum
 * @param mlpOutputSpike a neuron between the MLP and the second residual sum
 * @param blockOutputSpike a neuron on the second residual sum
 * @param readoutMean whether {@code readout} is {@code mean}: the mean over the steps instead of their sum
 */
public record BispikclmConfig(
        int vocabSize,
        int width,
        int hidden,
        int heads,
        int layers,
        int maxPositions,
        int padId,
        int bosId,
        int eosId,
        int steps,
        float threshold,
        float decay,
        double epsilon,
        float inputScale,
        InputEncoding inputEncoding,
        boolean inputSpike,
        MembraneReset reset,
        boolean layerNorm,
        boolean contextSpike,
        boolean residualSpike,
        boolean mlpOutputSpike,
        boolean blockOutputSpike,
        boolean attentionBias,
        boolean mlpBias,
        boolean readoutMean)
        implements FamilyConfig {
    private static final int MAX_EXTENT = 1 << 24;
    private static final int MAX_STEPS = 256;

    public BispikclmConfig {
        requireExtent("vocab_size", vocabSize);
        requireExtent("hidden_size", width);
        requireExtent("intermediate_size", hidden);
        requireExtent("num_attention_heads", heads);
        requireExtent("num_hidden_layers", layers);
        requireExtent("max_position_embeddings", maxPositions);
        if (width % heads != 0) {
            throw new IllegalArgumentException("hidden_size is " + width + " and num_attention_heads " + heads
                    + "; the heads must divide the width");
        }
        if (steps < 1 || steps > MAX_STEPS) {
            throw new IllegalArgumentException("num_steps is " + steps + "; it must be 1 to " + MAX_STEPS);
        }
        if (!Float.isFinite(threshold) || threshold <= 0) {
            throw new IllegalArgumentException(
                    "spike_threshold is " + threshold + "; it must be a finite number above 0");
        }
        requireFinite("membrane_decay", decay);
        requireFinite("input_scale", inputScale);
        if (!Double.isFinite(epsilon) || epsilon < 0) {
            throw new IllegalArgumentException("layer_norm_eps is " + epsilon + "; it must be at least 0");
        }
        requireId("bos_token_id", bosId, vocabSize);
        requireId("eos_token_id", eosId, vocabSize);
    }

    /** Channels of a head. */
    public int headDim() {
        return width / heads;
    }

    /** The stream that a block's attention reads. */
    StreamKind attentionInput(int layer) {
        return layer == 0 ? inputSpike ? StreamKind.BITS : StreamKind.FLOAT : blockOutput(layer - 1);
    }

    /** The stream that a block's MLP reads, after the first residual sum. */
    StreamKind mlpInput(int layer) {
        if (residualSpike) {
            return StreamKind.BITS;
        }
        return attentionInput(layer).isInteger() ? StreamKind.INTEGER : StreamKind.FLOAT;
    }

    /** The stream after a block. */
    StreamKind blockOutput(int layer) {
        if (blockOutputSpike) {
            return StreamKind.BITS;
        }
        return mlpOutputSpike && mlpInput(layer).isInteger() ? StreamKind.INTEGER : StreamKind.FLOAT;
    }

    /**
     * Whether neurons with integer charges have no memory: a charge of 0 leaves the membrane at 0, and any other charge
     * makes the neuron fire and resets it.
     */
    boolean integerNeuronsForget() {
        return reset == MembraneReset.HARD && threshold <= 1;
    }

    @Override
    public ModelFamily family() {
        return Bispikclm.FAMILY;
    }

    @Override
    public String variant() {
        return Profile.of(this).label();
    }

    @Override
    public int contextLength() {
        return maxPositions;
    }

    @Override
    public boolean mayExceedContext() {
        return false;
    }

    @Override
    public Map<String, Object> fields() {
        return ConfigurationFields.of(this);
    }

    @Override
    public List<TensorSpec> tensors() {
        return BispikclmTensors.of(this);
    }

    @Override
    public List<SpikeProduct> spikeProducts() {
        return BispikclmTensors.spikeProducts(this);
    }

    @Override
    public Optional<DenseTwin> denseTwin() {
        return Optional.of(BispikclmTensors.denseTwin(this));
    }

    @Override
    public List<Population> populations() {
        return Bank.populations(this);
    }

    @Override
    public SpecialTokens specialTokens() {
        return new SpecialTokens(bosId, eosId, padId, SpecialTokens.NO_ID);
    }

    @Override
    public SamplerPolicy sampler() {
        return CommonSampler.PLAIN;
    }

    @Override
    public StopTokens stopTokens(SamplerPolicy policy, OptionalInt eos, Optional<Tokenizer> tokenizer) {
        return StopTokens.at(eos.orElse(eosId));
    }

    @Override
    public List<String> ablations() {
        return List.of();
    }

    @Override
    public StateShape states(int maxColumns) {
        return new BispikclmStates(this);
    }

    @Override
    public long scratchBytes(int maxColumns, int vocabulary) {
        return PassBuffers.bytes(this, maxColumns);
    }

    @Override
    public CostModel costs(ModelManifest manifest, int vocabulary) {
        return new BispikclmCosts(this, manifest, vocabulary);
    }

    @Override
    public LanguageModel open(MappedWeights weights) {
        return BispikclmModel.open(this, weights);
    }

    private static void requireExtent(String field, int value) {
        if (value < 1 || value > MAX_EXTENT) {
            throw new IllegalArgumentException(field + " is " + value + "; it must be 1 to " + MAX_EXTENT);
        }
    }

    private static void requireFinite(String field, float value) {
        if (!Float.isFinite(value)) {
            throw new IllegalArgumentException(field + " is " + value + "; it must be finite");
        }
    }

    private static void requireId(String field, int id, int vocabulary) {
        if (id < 0 || id >= vocabulary) {
            throw new IllegalArgumentException(
                    field + " is " + id + "; it must be 0 to " + (vocabulary - 1) + ", an id of the vocabulary");
        }
    }
}

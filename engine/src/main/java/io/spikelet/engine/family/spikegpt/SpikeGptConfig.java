package io.spikelet.engine.family.spikegpt;

import io.spikelet.engine.model.CommonSampler;
import io.spikelet.engine.model.CostModel;
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
 * Shape and switches of a model. Source: section 2 of the specification.
 *
 * @param vocabSize {@code vocab_size}, V
 * @param width {@code hidden_size}, D
 * @param hidden {@code intermediate_size}, F
 * @param layers {@code num_hidden_layers}
 * @param contextLength {@code context_length}: the window for scoring; a sequence may be longer
 * @param epsilon {@code layer_norm_eps}
 * @param rescaleEvery {@code rescale_every}: the stream is halved after every so many blocks; 0 for never
 * @param tau {@code lif.tau}; not read when learnable
 * @param threshold {@code lif.threshold}; not read when learnable
 * @param softReset whether a spike subtracts the threshold instead of setting the membrane to 0
 * @param decayInput {@code lif.decay_input}: {@code h = v + (x - v) / tau} instead of {@code v / tau + x}
 * @param learnable whether the checkpoint contains tau and threshold of every bank
 */
public record SpikeGptConfig(
        Profile profile,
        int vocabSize,
        int width,
        int hidden,
        int layers,
        int contextLength,
        float epsilon,
        int rescaleEvery,
        float tau,
        float threshold,
        boolean softReset,
        boolean decayInput,
        boolean learnable)
        implements FamilyConfig {
    private static final int MAX_EXTENT = 1 << 24;
    private static final int END_OF_TEXT = 0;

    /** Names in the tables: the banks of neurons of a block, and what else is counted. */
    static final String LIF1 = "lif1";

    static final String LIF2 = "lif2";
    static final String RELU_ZERO = "relu_zero";

    public SpikeGptConfig {
        requireExtent("vocab_size", vocabSize);
        requireExtent("hidden_size", width);
        requireExtent("intermediate_size", hidden);
        requireExtent("num_hidden_layers", layers);
        requireExtent("context_length", contextLength);
        if (!Float.isFinite(epsilon) || epsilon < 0) {
            throw new IllegalArgumentException("layer_norm_eps is " + epsilon + "; it must be at least 0");
        }
        if (rescaleEvery < 0) {
            throw new IllegalArgumentException(
                    "rescale_every is " + rescaleEvery + "; it must be at least 0 (0 never rescales)");
        }
        if (!Float.isFinite(tau) || tau <= 1) {
            throw new IllegalArgumentException("lif.tau is " + tau + "; it must be a finite number above 1");
        }
        if (!Float.isFinite(threshold) || threshold <= 0) {
            throw new IllegalArgumentException(
                    "lif.threshold is " + threshold + "; it must be a finite number above 0");
        }
    }

    /** Factor on the currents of a block: {@code 2^-floor(i / rescale_every)}. */
    float currentScale(int layer) {
        return rescaleEvery == 0 ? 1 : Math.scalb(1f, -(layer / rescaleEvery));
    }

    /** Whether the stream is halved after a block. */
    boolean halvesAfter(int layer) {
        return rescaleEvery > 0 && (layer + 1) % rescaleEvery == 0;
    }

    @Override
    public ModelFamily family() {
        return SpikeGpt.FAMILY;
    }

    @Override
    public String variant() {
        return profile.label();
    }

    @Override
    public boolean mayExceedContext() {
        return true;
    }

    @Override
    public Map<String, Object> fields() {
        return ConfigurationFields.of(this);
    }

    @Override
    public List<TensorSpec> tensors() {
        return SpikeGptTensors.of(this);
    }

    /** None: LayerNorms and the WKV lie between spikes and weights. */
    @Override
    public List<SpikeProduct> spikeProducts() {
        return List.of();
    }

    /**
     * Both banks of neurons, and the exact zeros of the squared ReLU, which are not spikes, but whose weights are
     * skipped like those of silent inputs.
     */
    @Override
    public List<Population> populations() {
        return List.of(
                new Population(LIF1, layers, width),
                new Population(LIF2, layers, width),
                new Population(RELU_ZERO, layers, hidden));
    }

    @Override
    public boolean roundsInputs() {
        return true;
    }

    /** End of text is also the prefix token, for protocols with a prefix. */
    @Override
    public SpecialTokens specialTokens() {
        return new SpecialTokens(END_OF_TEXT, END_OF_TEXT, SpecialTokens.NO_ID, SpecialTokens.NO_ID);
    }

    @Override
    public SamplerPolicy sampler() {
        return profile.isRun() ? SpikeGptSampler.RUN : CommonSampler.PLAIN;
    }

    @Override
    public StopTokens stopTokens(SamplerPolicy policy, OptionalInt eos, Optional<Tokenizer> tokenizer) {
        return StopTokens.at(eos.orElse(END_OF_TEXT));
    }

    @Override
    public List<String> ablations() {
        return List.of();
    }

    @Override
    public StateShape states(int maxColumns) {
        return new RecurrentStates(this);
    }

    @Override
    public long scratchBytes(int maxColumns, int vocabulary) {
        return PassBuffers.bytes(this, maxColumns);
    }

    @Override
    public CostModel costs(ModelManifest manifest, int vocabulary) {
        return new SpikeGptCosts(this, manifest, vocabulary);
    }

    @Override
    public LanguageModel open(MappedWeights weights) {
        return SpikeGptModel.open(this, weights);
    }

    private static void requireExtent(String field, int value) {
        if (value < 1 || value > MAX_EXTENT) {
            throw new IllegalArgumentException(field + " is " + value + "; it must be 1 to " + MAX_EXTENT);
        }
    }
}

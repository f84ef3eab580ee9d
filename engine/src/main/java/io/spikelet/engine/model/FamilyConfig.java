package io.spikelet.engine.model;

import io.spikelet.engine.telemetry.Population;
import io.spikelet.engine.token.SpecialTokens;
import io.spikelet.engine.token.Tokenizer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * Hyperparameters of one model, and everything that follows from them before any weight is read: its tensors, the size
 * of its states and buffers, the cost of its tokens. Immutable and thread-safe.
 */
public interface FamilyConfig {
    ModelFamily family();

    /** One of the family's {@link ModelFamily#variants}. */
    String variant();

    /** Logits per position; may exceed the tokenizer's vocabulary. */
    int vocabSize();

    /** Trained context in tokens: the default window of every protocol. */
    int contextLength();

    /** Whether a sequence may grow past {@link #contextLength}; learned positions may not. */
    boolean mayExceedContext();

    /** The fields of {@code config} in the manifest, in order: Integer, Float, Boolean or String values. */
    Map<String, Object> fields();

    /** Every tensor of the model, in the order in which they are stored. */
    List<TensorSpec> tensors();

    /** The matrices whose inputs are spikes, in the order of the forward pass. */
    List<SpikeProduct> spikeProducts();

    /** The neurons that are counted, by name; a state counts them in this order. */
    List<Population> populations();

    /** Whether products with continuous inputs may round the inputs to INT8: the scheme {@link Scheme#W8A8}. */
    default boolean roundsInputs() {
        return false;
    }

    /** What attention stores of keys and values; empty if the model keeps none as floats. */
    default Optional<KeyValueType> keyValueCache() {
        return Optional.empty();
    }

    /**
     * This configuration with another {@link #keyValueCache}.
     *
     * @throws IllegalArgumentException if it has none
     */
    default FamilyConfig withKeyValueCache(KeyValueType type) {
        throw new IllegalArgumentException("--kv-cache " + type.label() + ": this " + family().architecture()
                + " model stores no keys and values as floats, so there is nothing to round; leave the option out");
    }

    /** Special ids for a tokenizer whose files do not name them. */
    default SpecialTokens specialTokens() {
        return SpecialTokens.NONE;
    }

    /** The default sampler. */
    SamplerPolicy sampler();

    /**
     * The tokens that end a completion.
     *
     * @param eos overrules the tokenizer's, where the published program lets it
     */
    StopTokens stopTokens(SamplerPolicy policy, OptionalInt eos, Optional<Tokenizer> tokenizer);

    /** Those of the family's {@link ModelFamily#ablations} that a model of this configuration has a part for. */
    List<String> ablations();

    /**
     * Maximum entropy, in nats, at which the last pass of a sequence may end early; empty if the model never does. Then
     * its {@link ForwardPass} is an {@link EarlyExitPass}.
     */
    default OptionalDouble exitEntropy() {
        return OptionalDouble.empty();
    }

    /**
     * The states of sequences under passes of at most {@code maxColumns} positions.
     */
    StateShape states(int maxColumns);

    /** Bytes of the buffers of one {@link ForwardPass}, including its share of values derived from the weights. */
    long scratchBytes(int maxColumns, int vocabulary);

    /**
     * What tokens cost.
     *
     * @param vocabulary logits that a token gets
     */
    CostModel costs(ModelManifest manifest, int vocabulary);

    /**
     * The model over its mapped weights.
     *
     * @throws ModelFormatException if the weights contradict each other
     */
    LanguageModel open(MappedWeights weights);
}

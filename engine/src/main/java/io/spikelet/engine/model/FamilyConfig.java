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
 * Hyperparameters of one model, and everything that follows from them without reading weights: tensors, sizes of states
 * and buffers, cost of a token. Immutable and thread-safe.
 */
public interface FamilyConfig {
    ModelFamily family();

    /** One of the family's {@link ModelFamily#variants}. */
    String variant();

    /** Logits per position; may exceed the tokenizer's vocabulary. */
    int vocabSize();

    /** Trained context in tokens: the default window of every protocol. */
    int contextLength();

    /** Whether a sequence may be longer than {@link #contextLength}; not with learned positions. */
    boolean mayExceedContext();

    /** The fields of {@code config} in the manifest, in order: Integer, Float, Boolean or String values. */
    Map<String, Object> fields();

    /** Every tensor of the model, in the order in which they are stored. */
    List<TensorSpec> tensors();

    /** The matrices whose inputs are spikes, in the order of the forward pass. */
    List<SpikeProduct> spikeProducts();

    /**
     * The dense products that the benchmark times in turns with the model; empty unless a token takes several time
     * steps.
     */
    default Optional<DenseTwin> denseTwin() {
        return Optional.empty();
    }

    /** The named populations of neurons that are counted; a state counts them in this order. */
    List<Population> populations();

    /** Whether products with continuous inputs may round the inputs to INT8: the scheme {@link Scheme#W8A8}. */
    default boolean roundsInputs() {
        return false;
    }

    /** The number format in which attention stores keys and values; empty if the model has none to store as floats. */
    default Optional<KeyValueType> keyValueCache() {
        return Optional.empty();
    }

    /**
     * This configuration with another {@link #keyValueCache}.
     *
     * @throws IllegalArgumentException if this model has none
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

    /** @throws IllegalArgumentException if a policy needs a feature that models of this family do not have */
    default void requirePossible(SamplerPolicy policy) {
        if (policy.continuesTrials() && !family().samplers().contains(policy)) {
            throw new IllegalArgumentException(
                    "--sampler is " + policy.label() + ", whose trials continue each other; a "
                            + family().architecture() + " model has no such trials: use another sampler, such as "
                            + sampler().label());
        }
    }

    /**
     * The tokens that end a completion.
     *
     * @param eos overrides the tokenizer's EOS, where the published program allows it
     */
    StopTokens stopTokens(SamplerPolicy policy, OptionalInt eos, Optional<Tokenizer> tokenizer);

    /** The family's {@link ModelFamily#ablations} that a model of this configuration supports. */
    List<String> ablations();

    /**
     * Maximum entropy, in nats, at which the last pass of a sequence may end early; empty if the model has no early
     * exit. If present, its {@link ForwardPass} is an {@link EarlyExitPass}.
     */
    default OptionalDouble exitEntropy() {
        return OptionalDouble.empty();
    }

    /**
     * The shape of sequence states for passes of at most {@code maxColumns} positions.
     */
    StateShape states(int maxColumns);

    /** Bytes of the buffers of one {@link ForwardPass}, including values derived from the weights. */
    long scratchBytes(int maxColumns, int vocabulary);

    /**
     * The cost of tokens.
     *
     * @param vocabulary number of logits per token
     */
    CostModel costs(ModelManifest manifest, int vocabulary);

    /**
     * Opens the model over its mapped weights.
     *
     * @throws ModelFormatException if the weights are inconsistent
     */
    LanguageModel open(MappedWeights weights);
}

package io.spikelet.engine.model;

import io.spikelet.engine.kernel.Kernels;
import java.util.Set;

/**
 * The layers of an opened model, without scratch or state. Immutable and thread-safe: all decoders of a JVM share one
 * instance as long as the weights are mapped.
 */
public interface LanguageModel {
    FamilyConfig config();

    /**
     * This model with parts disabled or replaced; it shares the weights.
     *
     * @param ablations all of them among {@link FamilyConfig#ablations}
     */
    LanguageModel ablated(Set<Ablation> ablations);

    /**
     * This model with another {@link FamilyConfig#keyValueCache}; it shares the weights.
     *
     * @throws IllegalArgumentException if this model has none
     */
    default LanguageModel withKeyValueCache(KeyValueType type) {
        config().withKeyValueCache(type);
        throw new IllegalStateException(config().family().architecture() + " must say how its cache is changed");
    }

    /**
     * Creates a forward pass with its own buffers.
     *
     * @param maxColumns maximum number of positions in one pass
     * @param vocabulary logits are computed only for ids below this
     */
    ForwardPass newPass(int maxColumns, int vocabulary, Kernels kernels);
}

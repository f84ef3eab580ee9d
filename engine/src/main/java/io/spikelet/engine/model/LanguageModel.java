package io.spikelet.engine.model;

import io.spikelet.engine.kernel.Kernels;
import java.util.Set;

/**
 * The layers of an opened model, without scratch or state. Immutable and thread-safe: one serves every decoder of a JVM as
 * long as the weights are mapped.
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
     * @throws IllegalArgumentException if it has none
     */
    default LanguageModel withKeyValueCache(KeyValueType type) {
        config().withKeyValueCache(type);
        throw new IllegalStateException(config().family().architecture() + " must say how its cache is changed");
    }

    /**
     * A forward pass with its own buffers.
     *
     * @param maxColumns most positions of one pass
     * @param vocabulary compute logits only of ids below
     */
    ForwardPass newPass(int maxColumns, int vocabulary, Kernels kernels);
}

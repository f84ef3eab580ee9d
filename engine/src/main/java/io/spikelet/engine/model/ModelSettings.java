package io.spikelet.engine.model;

import java.io.Serializable;
import java.util.Set;

/**
 * The choices about a model's computation that are made per run, not at conversion. Results depend on them. Immutable.
 *
 * @param ablations parts that are disabled or replaced
 * @param keyValueCache what attention stores; null for the model's default
 */
public record ModelSettings(Set<Ablation> ablations, KeyValueType keyValueCache) implements Serializable {
    /** The unmodified model. */
    public static final ModelSettings NONE = new ModelSettings(Set.of(), null);

    public ModelSettings {
        ablations = Set.copyOf(ablations);
    }

    /**
     * The configuration of a model under these settings.
     *
     * @throws IllegalArgumentException if the model has no such part, or no such cache
     */
    public FamilyConfig apply(FamilyConfig config) {
        Ablation.requirePossible(ablations, config);
        return keyValueCache == null ? config : config.withKeyValueCache(keyValueCache);
    }
}

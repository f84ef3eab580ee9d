package io.spikelet.engine.model;

import java.io.Serializable;
import java.util.Set;

/**
 * What of a model's computation is chosen for a run rather than with its conversion. Results depend on it. Immutable.
 *
 * @param ablations parts that are silenced or replaced
 * @param keyValueCache what attention stores; null for what the model stores by itself
 */
public record ModelSettings(Set<Ablation> ablations, KeyValueType keyValueCache) implements Serializable {
    /** The model as it is. */
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

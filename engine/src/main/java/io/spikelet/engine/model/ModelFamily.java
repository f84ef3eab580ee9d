package io.spikelet.engine.model;

import java.util.List;

/**
 * One architecture: how its models are configured, and through {@link FamilyConfig} everything that follows from a
 * configuration. A family is a package of its own; nothing outside of it names it. It implements this interface,
 * {@link FamilyConfig}, {@link LanguageModel}, {@link ForwardPass}, {@link SequenceState} and {@link StateShape}; how it
 * reads checkpoints and what it can synthesize are in the package of the converter.
 *
 * <p>Stateless and thread-safe.
 */
public interface ModelFamily {
    /** {@code architecture} in {@code manifest.json}. */
    String architecture();

    /** What {@code variant} in {@code manifest.json} may be. */
    List<String> variants();

    /**
     * The configuration of a manifest. Every field must be read; the reader refuses the remaining ones.
     *
     * @param variant one of {@link #variants}
     * @param fields {@code config} in the manifest
     * @throws IllegalArgumentException if a value is missing or out of its range
     */
    FamilyConfig config(String variant, JsonFields fields);

    /** The samplers of the family's published programs; greedy decoding and plain sampling come with every family. */
    List<SamplerPolicy> samplers();

    /** Names of the parts that can be disabled or replaced in a model of this family. */
    List<String> ablations();
}

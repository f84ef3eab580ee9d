package io.spikelet.engine.model;

import java.util.List;

/**
 * One architecture: how its models are configured, and through {@link FamilyConfig} everything that follows from a
 * configuration. A family has a package of its own, and only the registry outside it names it. It implements this
 * interface, {@link FamilyConfig}, {@link LanguageModel}, {@link ForwardPass}, {@link SequenceState} and {@link
 * StateShape}; how it reads checkpoints and what it can synthesize are in the package of the converter.
 *
 * <p>Stateless and thread-safe.
 */
public interface ModelFamily {
    /** {@code architecture} in {@code manifest.json}. */
    String architecture();

    /** The allowed values of {@code variant} in {@code manifest.json}. */
    List<String> variants();

    /**
     * The configuration of a manifest. Must read every field, because the reader refuses fields that were not read.
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

package io.spikelet.engine.model;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The families known to this program, by architecture name. It is passed to code that reads a manifest or resolves a
 * name that a user gave. Immutable and thread-safe.
 */
public final class ModelFamilies {
    private final Map<String, ModelFamily> byArchitecture;

    private ModelFamilies(Map<String, ModelFamily> byArchitecture) {
        this.byArchitecture = byArchitecture;
    }

    /** @throws IllegalArgumentException if two have the same name */
    public static ModelFamilies of(List<ModelFamily> families) {
        Map<String, ModelFamily> byArchitecture = new LinkedHashMap<>();
        for (ModelFamily family : families) {
            if (byArchitecture.putIfAbsent(family.architecture(), family) != null) {
                throw new IllegalArgumentException("two families are called " + family.architecture());
            }
        }
        return new ModelFamilies(byArchitecture);
    }

    /** The family with an architecture name, if there is one. */
    public Optional<ModelFamily> find(String architecture) {
        return Optional.ofNullable(byArchitecture.get(architecture));
    }

    /** All families, in the order in which they were given. */
    public List<ModelFamily> all() {
        return List.copyOf(byArchitecture.values());
    }

    /** Names of all architectures. */
    public List<String> architectures() {
        return List.copyOf(byArchitecture.keySet());
    }

    /** Every sampler: those of the families, then those that all models have. */
    public List<SamplerPolicy> samplers() {
        List<SamplerPolicy> samplers = new ArrayList<>();
        all().forEach(family -> samplers.addAll(family.samplers()));
        samplers.addAll(List.of(CommonSampler.values()));
        return samplers;
    }

    /**
     * The sampler with a name.
     *
     * @throws IllegalArgumentException if there is none
     */
    public SamplerPolicy sampler(String label) {
        return samplers().stream()
                .filter(policy -> policy.label().equals(label))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("--sampler is " + label + "; it must be one of "
                        + samplers().stream().map(SamplerPolicy::label).collect(Collectors.joining(", "))));
    }

    /** Labels of all variants, in order. */
    public List<String> variants() {
        return all().stream()
                .flatMap(family -> family.variants().stream())
                .distinct()
                .toList();
    }

    /**
     * The ablations with the given names; the configuration decides whether a model has such parts.
     *
     * @throws IllegalArgumentException if no family has one of them
     */
    public Set<Ablation> ablations(Collection<String> labels) {
        Set<String> known = all().stream()
                .flatMap(family -> family.ablations().stream())
                .collect(Collectors.toCollection(LinkedHashSet::new));
        Set<Ablation> ablations = new TreeSet<>();
        for (String label : labels) {
            if (!known.contains(label)) {
                throw new IllegalArgumentException(
                        "--ablate is '" + label + "'; it must be one of " + String.join(", ", known));
            }
            ablations.add(new Ablation(label));
        }
        return Set.copyOf(ablations);
    }

    @Override
    public String toString() {
        return Stream.of(this)
                .flatMap(families -> families.architectures().stream())
                .collect(Collectors.joining(", "));
    }
}

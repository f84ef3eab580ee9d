package io.spikelet.engine.model;

import java.io.Serializable;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A part of the forward pass that is disabled or replaced at inference, to measure its contribution. Nothing else
 * changes: gates and norms keep their trained values.
 *
 * @param label the name on the command line and in the tables
 */
public record Ablation(String label) implements Serializable, Comparable<Ablation> {
    @Override
    public int compareTo(Ablation other) {
        return label.compareTo(other.label);
    }

    /**
     * Refuses ablations of parts that a model does not have.
     *
     * @throws IllegalArgumentException if it does not have one of the parts
     */
    public static void requirePossible(Set<Ablation> ablations, FamilyConfig config) {
        for (Ablation ablation : ablations) {
            if (!config.ablations().contains(ablation.label)) {
                throw new IllegalArgumentException("--ablate " + ablation.label
                        + ": this model has no such part; it has " + String.join(", ", config.ablations()));
            }
        }
    }

    /** The names of ablations in alphabetical order, separated by commas. */
    public static String labels(Set<Ablation> ablations) {
        return ablations.stream().sorted().map(Ablation::label).collect(Collectors.joining(", "));
    }
}

package io.spikelet.engine.model;

import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A part of the forward pass that is silenced or replaced at inference, to see what it contributes. Nothing else changes:
 * gates and norms stay as they were trained.
 */
public enum Ablation {
    /** The attention of every block gives zero. */
    ATTENTION("attention"),
    /** The decay path of every block gives zero. */
    DECAY("decay"),
    /** The head adds no prior, neither the learned nor the static one. */
    PRIOR("prior"),
    /**
     * The encoder forgets: instead of the units whose membrane passes the threshold, as many with the largest inputs of this
     * position alone fire.
     */
    LIF_TOP_K("lif-topk");

    private final String label;

    Ablation(String label) {
        this.label = label;
    }

    /** The name on the command line and in the tables. */
    public String label() {
        return label;
    }

    /**
     * The ablations of names.
     *
     * @throws IllegalArgumentException if there is none of a name
     */
    public static Set<Ablation> named(Collection<String> labels) {
        EnumSet<Ablation> ablations = EnumSet.noneOf(Ablation.class);
        for (String label : labels) {
            ablations.add(Arrays.stream(values())
                    .filter(ablation -> ablation.label.equals(label))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("--ablate is '" + label + "'; it must be one of "
                            + labels(EnumSet.allOf(Ablation.class)))));
        }
        return ablations;
    }

    /**
     * Refuses to silence what a model does not have.
     *
     * @throws IllegalArgumentException if it has no attention to silence
     */
    public static void requirePossible(Set<Ablation> ablations, ModelConfig config) {
        if (ablations.contains(ATTENTION) && !config.sparseAttention()) {
            throw new IllegalArgumentException("--ablate attention: this model has no attention");
        }
    }

    /** Their names in the order of this enumeration, separated by commas. */
    public static String labels(Set<Ablation> ablations) {
        return ablations.stream().sorted().map(Ablation::label).collect(Collectors.joining(", "));
    }
}

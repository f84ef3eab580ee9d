package io.spikelet.engine.family.symboliclight;

import io.spikelet.engine.model.Ablation;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** The parts of a SymbolicLight model that can be disabled or replaced. */
enum SymbolicLightAblation {
    /** The attention of every block outputs zero. */
    ATTENTION("attention"),
    /** The decay path of every block outputs zero. */
    DECAY("decay"),
    /** The head adds no prior, neither the learned nor the static one. */
    PRIOR("prior"),
    /**
     * The encoder has no memory: instead of the units whose membrane reaches the threshold, the same number of units
     * with the largest inputs at this position fire.
     */
    LIF_TOP_K("lif-topk");

    private final String label;

    SymbolicLightAblation(String label) {
        this.label = label;
    }

    String label() {
        return label;
    }

    static List<String> labels() {
        return Arrays.stream(values()).map(SymbolicLightAblation::label).toList();
    }

    /** The constants of known names. */
    static Set<SymbolicLightAblation> of(Set<Ablation> ablations) {
        EnumSet<SymbolicLightAblation> chosen = EnumSet.noneOf(SymbolicLightAblation.class);
        for (SymbolicLightAblation constant : values()) {
            if (ablations.contains(new Ablation(constant.label))) {
                chosen.add(constant);
            }
        }
        return chosen;
    }
}

package io.spikelet.engine.family.symboliclight;

import java.util.Arrays;
import java.util.List;

/** The two released SymbolicLight V1 models; they differ in prior weight, sampler and cache rules. */
public enum Variant {
    V0_8B("0.8b"),
    V194M("194m");

    private final String label;

    Variant(String label) {
        this.label = label;
    }

    /** The name in {@code manifest.json} and on the command line. */
    public String label() {
        return label;
    }

    /**
     * The variant with a name.
     *
     * @throws IllegalArgumentException if there is none
     */
    static Variant named(String label) {
        return Arrays.stream(values())
                .filter(variant -> variant.label.equals(label))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "variant is \"" + label + "\"; it must be one of " + String.join(", ", labels())));
    }

    static List<String> labels() {
        return Arrays.stream(values()).map(Variant::label).toList();
    }
}

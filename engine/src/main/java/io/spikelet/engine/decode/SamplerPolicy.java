package io.spikelet.engine.decode;

import java.util.Arrays;
import java.util.stream.Collectors;

/** How the next token is chosen from the logits. */
public enum SamplerPolicy {
    /** The largest logit, the lowest id on ties. */
    GREEDY("greedy"),
    /** The upstream 0.8B sampler: adaptive temperature (uncertain is hotter), top-k without ties. */
    V0_8B("0.8b"),
    /** The upstream 194M sampler: adaptive temperature (uncertain is colder), top-k with ties; at least one id. */
    V194M("194m");

    private final String label;

    SamplerPolicy(String label) {
        this.label = label;
    }

    /** The name on the command line. */
    public String label() {
        return label;
    }

    /**
     * The policy of a name on the command line.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static SamplerPolicy named(String label) {
        return Arrays.stream(values())
                .filter(policy -> policy.label.equals(label))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("--sampler is " + label + "; it must be one of "
                        + Arrays.stream(values()).map(SamplerPolicy::label).collect(Collectors.joining(", "))));
    }
}

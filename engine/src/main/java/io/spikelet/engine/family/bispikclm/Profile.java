package io.spikelet.engine.family.bispikclm;

import java.util.Arrays;
import java.util.List;

/** The named sets of switches. Source: section 2 of the specification. */
enum Profile {
    /** That of the public reproduction's checkpoints. */
    REPRODUCTION("reproduction"),
    /** That of the figures in the paper. */
    PAPER("paper"),
    /** The stream is a sum of spikes that no neuron converts back to bits. */
    INTEGER_STREAM("integer-stream"),
    /** Any other set. */
    CUSTOM("custom");

    private final String label;

    Profile(String label) {
        this.label = label;
    }

    /** The variant in {@code manifest.json} and in the tables. */
    String label() {
        return label;
    }

    static List<String> labels() {
        return Arrays.stream(values()).map(Profile::label).toList();
    }

    static Profile of(BispikclmConfig config) {
        boolean norm = config.layerNorm();
        boolean context = config.contextSpike();
        boolean residual = config.residualSpike();
        boolean output = config.mlpOutputSpike();
        boolean block = config.blockOutputSpike();
        if (!config.inputSpike() && norm && context && !residual && !output && block) {
            return REPRODUCTION;
        }
        if (config.inputSpike() && !norm && !context && residual && output && block) {
            return PAPER;
        }
        if (config.inputSpike() && norm && !context && !residual && output && !block) {
            return INTEGER_STREAM;
        }
        return CUSTOM;
    }
}

package io.spikelet.engine.family.spikegpt;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Which published program a model follows, and whether its embedding is binary or float. Source: sections 2, 4 and 5 of
 * the specification.
 */
enum Profile {
    /** The training program's forward pass, with a binary embedding. */
    TRAIN_BINARY("train", "binary"),
    /** The training program's forward pass, with the embedding's own values. */
    TRAIN_FLOAT("train", "float"),
    /** The generation program with its defaults. */
    RUN_FLOAT("run", "float"),
    /** The generation program with a character model's embedding. */
    RUN_BINARY("run", "binary");

    private final String program;
    private final String embedding;

    Profile(String program, String embedding) {
        this.program = program;
        this.embedding = embedding;
    }

    /** {@code profile} in a configuration. */
    String program() {
        return program;
    }

    /** {@code embedding} in a configuration. */
    String embedding() {
        return embedding;
    }

    /** The variant in {@code manifest.json} and in the tables, such as {@code train-binary}. */
    String label() {
        return program + "-" + embedding;
    }

    boolean isRun() {
        return this == RUN_FLOAT || this == RUN_BINARY;
    }

    /** Whether the embedding is read as {@code [emb >= 0]}. */
    boolean isBinary() {
        return this == TRAIN_BINARY || this == RUN_BINARY;
    }

    static List<String> labels() {
        return Arrays.stream(values()).map(Profile::label).toList();
    }

    static Optional<Profile> ofLabel(String label) {
        return Arrays.stream(values())
                .filter(profile -> profile.label().equals(label))
                .findFirst();
    }

    static Profile of(String program, String embedding) {
        return ofLabel(program + "-" + embedding).orElseThrow();
    }
}

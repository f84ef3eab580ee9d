package io.spikelet.engine.family.bispikclm;

/** The products whose operations are counted, named as in the specification. */
enum Product {
    QKV("qkv"),
    SCORES("scores"),
    CONTEXT("context"),
    OUT("out"),
    FC1("fc1"),
    FC2("fc2"),
    HEAD("head");

    private final String label;

    Product(String label) {
        this.label = label;
    }

    /** The name in reports. */
    String label() {
        return label;
    }

    /** Whether its input can be analogue. */
    boolean mayMultiply() {
        return this == QKV || this == FC1;
    }
}

package io.spikelet.engine.model;

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
}

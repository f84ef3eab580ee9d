package io.spikelet.engine.family.bispikclm;

/** What of the input current a time step sees. */
public enum InputEncoding {
    /** Step t of T sees {@code t / T} of it. */
    RAMP("ramp"),
    /** Every step sees all of it. */
    CONSTANT("constant");

    private final String label;

    InputEncoding(String label) {
        this.label = label;
    }

    /** The name in a configuration. */
    public String label() {
        return label;
    }
}

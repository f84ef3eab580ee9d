package io.spikelet.engine.family.bispikclm;

/** The share of the input current that each time step gets. */
public enum InputEncoding {
    /** Step t of T gets {@code t / T} of it. */
    RAMP("ramp"),
    /** Every step gets all of it. */
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

package io.spikelet.engine.model;

/** The samplers that every model has. */
public enum CommonSampler implements SamplerPolicy {
    /** The largest logit, the lowest id on ties. */
    GREEDY("greedy"),
    /** Only temperature, top-k, top-p and min-p, as the user sets them. */
    PLAIN("plain");

    private final String label;

    CommonSampler(String label) {
        this.label = label;
    }

    @Override
    public String label() {
        return label;
    }

    @Override
    public boolean isGreedy() {
        return this == GREEDY;
    }
}

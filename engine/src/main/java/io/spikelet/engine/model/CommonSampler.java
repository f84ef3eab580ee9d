package io.spikelet.engine.model;

/** The samplers that are available for every model. */
public enum CommonSampler implements SamplerPolicy {
    /** The id with the largest logit, and the lowest such id on ties. */
    GREEDY("greedy"),
    /** Temperature, top-k, top-p and min-p as the user sets them, and no other steps. */
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

package io.spikelet.engine.family.spikegpt;

import io.spikelet.engine.model.SamplerPolicy;

/** The sampler of the published generation program. Source: section 12 of the specification. */
public enum SpikeGptSampler implements SamplerPolicy {
    /** A nucleus of the untempered softmax, then the temperature; end of text is never drawn. */
    RUN("spikegpt-run");

    private static final int END_OF_TEXT = 0;

    private final String label;

    SpikeGptSampler(String label) {
        this.label = label;
    }

    @Override
    public String label() {
        return label;
    }

    @Override
    public float baseTemperature() {
        return 1.5f;
    }

    @Override
    public int topK() {
        return 0;
    }

    @Override
    public float topP() {
        return 0.7f;
    }

    @Override
    public boolean tempersLast() {
        return true;
    }

    @Override
    public boolean prefixesPrompts() {
        return false;
    }

    @Override
    public int neverDrawn() {
        return END_OF_TEXT;
    }
}

package io.spikelet.engine.family.spikegpt;

import io.spikelet.engine.model.SamplerPolicy;

/** The sampler of the published generation program. Source: section 12 of the specification. */
public enum SpikeGptSampler implements SamplerPolicy {
    /** Nucleus sampling from the softmax before temperature, then the temperature; end of text is never drawn. */
    RUN("spikegpt-run"),
    /** The same, but each sample of a prompt begins with the final membranes of the sample before it. */
    RUN_TRIALS("spikegpt-run-trials");

    private static final int END_OF_TEXT = 0;
    private static final float TOP_P = 0.7f;
    private static final float TOP_P_AFTER_LINE_FEED = 0.9f;

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
        return TOP_P;
    }

    /** Applies to the character model only. */
    @Override
    public float topPAfterLineFeed(float chosen, int modelVocabulary) {
        return modelVocabulary == ConfigurationFields.CHARACTERS ? TOP_P_AFTER_LINE_FEED : chosen;
    }

    @Override
    public boolean continuesTrials() {
        return this == RUN_TRIALS;
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

package io.spikelet.engine.family.symboliclight;

import io.spikelet.engine.model.SamplerPolicy;

/** The samplers of the published programs. Source: section 7 of the specification. */
public enum SymbolicLightSampler implements SamplerPolicy {
    /** The 0.8B program of August 2026: higher entropy gives a higher temperature; top-k without ties. */
    V0_8B("0.8b"),
    /** The 0.8B program of April 2026: the same, but higher entropy gives a lower temperature. */
    V0_8B_APRIL("0.8b-april"),
    /** The 194M program: higher entropy gives a lower temperature; top-k with ties; at least one id. */
    V194M("194m");

    private final String label;

    SymbolicLightSampler(String label) {
        this.label = label;
    }

    @Override
    public String label() {
        return label;
    }

    @Override
    public float topP() {
        return this == V194M ? 1 : 0.9f;
    }

    @Override
    public boolean keepsTies() {
        return this == V194M;
    }

    @Override
    public int leastNewTokens() {
        return this == V194M ? 1 : 0;
    }

    @Override
    public boolean isAdaptive() {
        return true;
    }

    @Override
    public double temperature(double base, double entropy, int vocabulary, int modelVocabulary) {
        return switch (this) {
            case V0_8B -> {
                double share = share(entropy, vocabulary);
                double low = Math.max(0.1, 0.5 * base);
                double high = Math.max(Math.min(1.5, 1.5 * base), low);
                yield low + share * (high - low);
            }
            case V0_8B_APRIL, V194M -> Math.max(0.1, base - share(entropy, modelVocabulary) * (base - 0.1));
        };
    }

    private static double share(double entropy, int vocabulary) {
        return Math.clamp(entropy / StrictMath.log(Math.max(vocabulary, 2)), 0, 1);
    }
}

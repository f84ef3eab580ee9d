package io.spikelet.engine.family.symboliclight;

/** Learned scalars that pass through a sigmoid once, when the model is opened. */
final class Gates {
    private Gates() {}

    /** The logistic function, by {@link StrictMath} so that every machine agrees. */
    static float sigmoid(float x) {
        return (float) (1 / (1 + StrictMath.exp(-x)));
    }
}

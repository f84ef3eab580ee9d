package io.spikelet.engine.kernel;

/** The effect of a spike on the membrane {@code h} that passed the threshold. */
public enum MembraneReset {
    /** The membrane becomes 0. */
    HARD,
    /** The threshold is subtracted immediately, before the membrane decays. */
    SOFT_A,
    /** The threshold is subtracted in the next step, after the decay. */
    SOFT_B
}

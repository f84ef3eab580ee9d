package io.spikelet.engine.family.bispikclm;

/** What the values of the stream are at some place; it follows from the switches alone. */
enum StreamKind {
    /** 0 or 1. */
    BITS,
    /** Sums of spikes. */
    INTEGER,
    /** Analogue. */
    FLOAT;

    boolean isInteger() {
        return this != FLOAT;
    }
}

package io.spikelet.engine.family.bispikclm;

/** The kind of values that the stream has at some point of the model; it depends only on the switches. */
enum StreamKind {
    /** 0 or 1. */
    BITS,
    /** Sums of spikes. */
    INTEGER,
    /** Any float32 values. */
    FLOAT;

    boolean isInteger() {
        return this != FLOAT;
    }
}

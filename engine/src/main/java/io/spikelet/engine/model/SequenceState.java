package io.spikelet.engine.model;

import io.spikelet.engine.telemetry.OperationCounts;
import io.spikelet.engine.telemetry.SpikeStatistics;

/**
 * Everything that a model remembers of one sequence, and what it has counted of it: made by a {@link StateShape}, advanced
 * by a {@link ForwardPass}. Its scheduling is the decoder's. Not thread-safe.
 */
public interface SequenceState {
    /** Back to the start of a sequence. */
    void reset();

    /**
     * Becomes a copy of {@code other}, counts included.
     *
     * @param other of the same shape, with no more positions than this one has room for
     */
    void copyFrom(SequenceState other);

    /**
     * What fired over the sequence so far, by the configuration's populations.
     *
     * @param positions decoded so far
     */
    SpikeStatistics spikes(long positions);

    /**
     * Arithmetic of the sequence so far, as the family's specification counts it.
     *
     * @param positions decoded so far
     */
    OperationCounts operations(long positions);
}

package io.spikelet.engine.model;

import io.spikelet.engine.telemetry.OperationCounts;
import io.spikelet.engine.telemetry.SpikeStatistics;

/**
 * The state of one sequence and its counts: created by a {@link StateShape}, advanced by a {@link ForwardPass}. The
 * decoder schedules it. Not thread-safe.
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
     * Spike counts of the sequence so far, by the configuration's populations.
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

package io.spikelet.engine.model;

import io.spikelet.engine.telemetry.OperationCounts;
import io.spikelet.engine.telemetry.SpikeStatistics;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * The state of one sequence and its counts: created by a {@link StateShape}, advanced by a {@link ForwardPass}. The
 * decoder schedules it. Not thread-safe.
 */
public interface SequenceState {
    /** Resets this state to the start of a sequence. */
    void reset();

    /**
     * Makes this a copy of {@code other}, counts included.
     *
     * @param other a state of the same shape, whose positions must fit into this one
     */
    void copyFrom(SequenceState other);

    /**
     * Makes this the initial state of the next trial of a prompt, under a policy that {@linkplain
     * SamplerPolicy#continuesTrials continues trials}. Before the call, this is the state of the previous trial.
     *
     * @param prompt the state after the prompt
     */
    default void copyForTrial(SequenceState prompt) {
        copyFrom(prompt);
    }

    /** Whether {@link #write} is supported: only for states whose size does not depend on the length of the sequence. */
    default boolean isPortable() {
        return false;
    }

    /** Writes this state, counts included, so that {@link #read} restores it bit for bit. Only for portable states. */
    default void write(DataOutput out) throws IOException {
        throw new UnsupportedOperationException("this state is not kept outside of memory");
    }

    /** Restores a state that was written for a model with the same configuration. */
    default void read(DataInput in) throws IOException {
        throw new UnsupportedOperationException("this state is not kept outside of memory");
    }

    /**
     * Spike counts of the sequence so far, by the configuration's populations.
     *
     * @param positions number of positions decoded so far
     */
    SpikeStatistics spikes(long positions);

    /**
     * Arithmetic of the sequence so far, as the family's specification counts it.
     *
     * @param positions number of positions decoded so far
     */
    OperationCounts operations(long positions);
}

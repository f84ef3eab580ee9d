package io.spikelet.engine.kernel;

/**
 * Every hot loop of the engine.
 *
 * <p>{@link ScalarKernels} is the specification, bit for bit; every other implementation returns the same bits.
 * Arguments are the caller's responsibility (matrices check their own sizes): nothing here allocates, and nothing is
 * checked twice. Implementations are stateless and thread-safe; the scratch they need belongs to {@link PackedColumns}
 * and {@link SpikeLists}, which are not.
 */
public sealed interface Kernels extends DenseKernels, SpikeKernels, AttentionKernels, ElementKernels
        permits ScalarKernels, VectorKernels {
    /** {@code scalar}, or {@code vector} with the width: for the run record. */
    String description();

    /** The kernels of models whose neurons emit only 0 or 1. */
    BinaryKernels binary();

    /** The kernels of models that carry a state from position to position. */
    RecurrentKernels recurrent();
}

package io.spikelet.engine.kernel;

/**
 * Every hot loop of the engine.
 *
 * <p>{@link ScalarKernels} is the specification, bit for bit; every other implementation returns the same bits. Callers
 * are responsible for valid arguments (matrices check their own sizes). Nothing here allocates, and nothing is checked
 * twice. Implementations are stateless and thread-safe; the scratch they need belongs to {@link PackedColumns} and
 * {@link SpikeLists}, which are not.
 */
public sealed interface Kernels extends DenseKernels, SpikeKernels, AttentionKernels, ElementKernels
        permits ScalarKernels, VectorKernels {
    /** {@code scalar}, or {@code vector} with the width: for the run record. */
    String description();

    /** The kernels for models whose neurons emit only 0 or 1. */
    BinaryKernels binary();

    /** The kernels for models with a recurrent state. */
    RecurrentKernels recurrent();
}

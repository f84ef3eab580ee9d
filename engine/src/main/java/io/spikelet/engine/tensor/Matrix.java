package io.spikelet.engine.tensor;

import java.lang.foreign.MemorySegment;

/**
 * A logical {@code [outputs, inputs]} weight matrix in mapped memory.
 *
 * <p>Immutable and safe to share between threads; valid until the mapping it belongs to is closed.
 */
public sealed interface Matrix permits Int8Matrix, W8A8Matrix, FloatMatrix {
    /** The stored elements, exactly {@code layout().elements(outputs(), inputs())} of them, little-endian. */
    MemorySegment data();

    int outputs();

    int inputs();

    Layout layout();
}

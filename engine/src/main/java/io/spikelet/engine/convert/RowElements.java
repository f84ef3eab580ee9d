package io.spikelet.engine.convert;

import java.nio.ByteBuffer;

/** Supplies the stored elements of a matrix in parts of a row. */
@FunctionalInterface
public interface RowElements {
    /**
     * Puts elements {@code from .. from + count} of row {@code output} to the element positions
     * {@code at, at + step, at + 2 * step, …} of {@code block}.
     */
    void fill(int output, int from, int count, ByteBuffer block, int at, int step);
}

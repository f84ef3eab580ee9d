package io.spikelet.engine.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * A logical {@code [outputs, inputs]} matrix of zeros and ones in mapped memory, to be read row by row; it is not used
 * in products.
 *
 * <p>Immutable and safe to share between threads; valid until the mapping it belongs to is closed.
 *
 * @param data in {@link Layout#BIT_ROWS}
 */
public record BitMatrix(MemorySegment data, int outputs, int inputs) {
    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    public BitMatrix {
        MatrixShape.check(data, DType.BITS, outputs, inputs, Layout.BIT_ROWS);
    }

    /** Number of 64-bit words per row. */
    public int words() {
        return Layout.pad(inputs) / Long.SIZE;
    }

    /** Copies row {@code output} to {@code into[to ..]}: column k is bit {@code k % 64} of word {@code k / 64}. */
    public void row(int output, long[] into, int to) {
        int words = words();
        long at = (long) output * words * Long.BYTES;
        MemorySegment.copy(data, WORD, at, into, to, words);
    }
}

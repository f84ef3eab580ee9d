package io.spikelet.engine.kernel;

import io.spikelet.engine.tensor.Layout;
import io.spikelet.engine.tensor.W8A8Matrix;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * W8A8 products through the native library.
 *
 * <p>A call accesses the JVM's heap without copies and blocks garbage collection until it returns, so a matrix is
 * processed a few panels at a time. Bounds are checked here, before the call.
 */
final class NativeProducts {
    private static final int PANEL = Layout.LANES;
    private static final int QUAD_BYTES = PANEL * Layout.QUAD; // four inputs of all outputs of a panel

    /** Multiply-adds per call: some tens of microseconds. */
    private static final long CALL = 1 << 22;

    private static final NativeLibrary LIBRARY = NativeLibrary.load();
    private static final MethodHandle MULTIPLY = LIBRARY.multiply();
    private static final MethodHandle PEAK = LIBRARY.peak();

    private NativeProducts() {}

    /** The levels available in this JVM, slowest first. */
    static List<NativeLevel> levels() {
        return LIBRARY.levels();
    }

    /** The fastest of them. */
    static Optional<NativeLevel> best() {
        return levels().isEmpty() ? Optional.empty() : Optional.of(levels().getLast());
    }

    /** Why there is no faster one. */
    static Optional<String> reason() {
        return LIBRARY.reason();
    }

    /** Multiplies; the codes of the input must have been computed. */
    static void multiply(NativeLevel level, W8A8Matrix w, PackedColumns input, int outputs, float[] out, int stride) {
        if (input.inputs() != w.inputs() || outputs > w.outputs()) {
            throw new IllegalArgumentException("a matrix [" + w.outputs() + ", " + w.inputs() + "] has no product of "
                    + outputs + " outputs with vectors of " + input.inputs());
        }
        ColumnCodes codes = input.codes;
        int quads = codes.stride() / Layout.QUAD;
        int panels = Layout.pad(outputs) / PANEL;
        int some = (int) Math.max(1, CALL / ((long) quads * QUAD_BYTES * input.columns()));
        MemorySegment scales = codes.segment(w.scales());
        MemorySegment to = codes.segment(out);
        for (int from = 0; from < panels; from += some) {
            multiply(
                    level,
                    w.data(),
                    quads,
                    outputs,
                    from,
                    Math.min(panels, from + some),
                    codes.codesSegment,
                    input.columns(),
                    codes.totalsSegment,
                    codes.factorsSegment,
                    scales,
                    to,
                    stride);
        }
    }

    /**
     * Computes panels {@code from .. to - 1} of a product; {@code dense.c} has the details.
     *
     * @param outputs of the whole product
     * @param columns at least 1
     * @throws IndexOutOfBoundsException if a segment is too small, or there is no column
     */
    static void multiply(
            NativeLevel level,
            MemorySegment weights,
            int quads,
            int outputs,
            int from,
            int to,
            MemorySegment codes,
            int columns,
            MemorySegment totals,
            MemorySegment factors,
            MemorySegment scales,
            MemorySegment out,
            int stride) {
        Objects.checkFromToIndex(from, to, Layout.pad(outputs) / PANEL);
        Objects.checkIndex(outputs - 1, stride);
        Objects.checkIndex(0, columns);
        require(weights, (long) Layout.pad(outputs) * quads * Layout.QUAD);
        require(codes, (long) columns * quads * Layout.QUAD);
        require(totals, (long) columns * Integer.BYTES);
        require(factors, (long) columns * Float.BYTES);
        require(scales, (long) outputs * Float.BYTES);
        require(out, ((columns - 1L) * stride + outputs) * Float.BYTES);
        try {
            MULTIPLY.invokeExact(
                    level.code(),
                    weights,
                    (long) quads,
                    (long) outputs,
                    (long) from,
                    (long) to,
                    codes,
                    (long) columns,
                    totals,
                    factors,
                    scales,
                    out,
                    (long) stride);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e); // the library throws nothing
        }
    }

    private static void require(MemorySegment segment, long bytes) {
        Objects.checkFromIndexSize(0, bytes, segment.byteSize());
    }

    /** Steps of independent multiply-adds in registers; returns a fold of their results. */
    static int multiplyAdd(NativeLevel level, int steps) {
        try {
            return (int) PEAK.invokeExact(level.code(), (long) steps);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}

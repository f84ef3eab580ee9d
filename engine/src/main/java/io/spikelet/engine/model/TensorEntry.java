package io.spikelet.engine.model;

import io.spikelet.engine.message.Excerpt;
import io.spikelet.engine.tensor.DType;
import io.spikelet.engine.tensor.Layout;
import java.util.List;

/**
 * Where one tensor lies in {@code weights.bin}.
 *
 * @param name upstream state-dict key
 * @param shape logical shape; {@code [outputs, inputs]} for a matrix, empty for a scalar
 * @param offset first byte, a multiple of {@value #ALIGNMENT}
 * @param length bytes of the stored elements, the layout's padding included
 * @param scaleOffset first byte of {@code float32[outputs]} scales, {@value #NO_SCALES} if there are none
 */
public record TensorEntry(
        String name, List<Integer> shape, DType dtype, Layout layout, long offset, long length, long scaleOffset) {
    /** Maximum extent of a tensor dimension; with this limit no product of extents and element size overflows. */
    public static final int MAX_EXTENT = 1 << 24;

    /** Every tensor and every scale vector starts at a multiple of this many bytes. */
    public static final int ALIGNMENT = 64;

    /** {@code weights.bin} ends with at least this many zero bytes, which a vector load may read. */
    public static final int TAIL_BYTES = 64;

    /** The scale offset of a tensor without scales. */
    public static final long NO_SCALES = -1;

    public TensorEntry {
        shape = List.copyOf(shape);
        if (shape.size() > 2 || (shape.size() == 2) == (layout == Layout.VECTOR)) {
            throw new IllegalArgumentException(
                    Excerpt.of(name) + ": shape " + Excerpt.of(shape) + " cannot have layout " + layout.label());
        }
        for (int extent : shape) {
            if (extent < 1 || extent > MAX_EXTENT) {
                throw new IllegalArgumentException(
                        Excerpt.of(name) + ": shape " + Excerpt.of(shape) + "; extents are 1 to " + MAX_EXTENT);
            }
        }
    }

    /** Rows of the logical matrix, or the length of a vector. */
    public int outputs() {
        return shape.isEmpty() ? 1 : shape.getFirst();
    }

    /** Columns of the logical matrix; 1 for a vector. */
    public int inputs() {
        return shape.size() == 2 ? shape.getLast() : 1;
    }

    /** Whether the tensor has one float32 scale per output. */
    public boolean quantized() {
        return scaleOffset != NO_SCALES;
    }

    /** Number of logical elements, without padding. */
    public long elements() {
        return (long) outputs() * inputs();
    }

    /** Bytes of the elements of this shape, type and layout. */
    public long expectedLength() {
        return layout.elements(outputs(), inputs()) * dtype.bytes();
    }

    /** Bytes of the scales, 0 if there are none. */
    public long scaleLength() {
        return quantized() ? (long) outputs() * Float.BYTES : 0;
    }
}

package io.spikelet.engine.convert;

import io.spikelet.engine.message.Excerpt;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;

/**
 * A strided view of a storage in a mapped checkpoint. The constructor checks that every index stays inside the storage.
 *
 * @param shape any number of dimensions; empty for a scalar
 * @param strides in elements, one per dimension
 * @param storage little-endian elements, not necessarily aligned
 * @param offset of the first element, in elements
 */
public record SourceTensor(
        String name, ElementType type, List<Long> shape, List<Long> strides, MemorySegment storage, long offset)
        implements MatrixSource {
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int MAX_DIMENSIONS = 64;

    public SourceTensor {
        shape = List.copyOf(shape);
        strides = List.copyOf(strides);
        if (shape.size() != strides.size() || shape.size() > MAX_DIMENSIONS) {
            throw wrong(
                    name,
                    "has shape " + Excerpt.of(shape) + " and strides " + Excerpt.of(strides)
                            + "; both need the same length, at most " + MAX_DIMENSIONS);
        }
        if (offset < 0
                || shape.stream().anyMatch(extent -> extent < 0)
                || strides.stream().anyMatch(stride -> stride < 0)) {
            throw wrong(name, "has a negative size, stride or offset: " + place(shape, strides, offset));
        }
        if (!shape.contains(0L)) {
            long available = storage.byteSize() / type.bytes();
            if (lastElement(name, shape, strides, offset) >= available) {
                throw wrong(
                        name,
                        "reaches outside its storage of " + available + " elements: " + place(shape, strides, offset));
            }
            if (elements(name, shape) > available) {
                throw wrong(
                        name,
                        "is larger than its storage of " + available + " elements: " + place(shape, strides, offset)
                                + "; save a contiguous copy of it");
            }
        }
    }

    /** Row-major strides of a shape. */
    static List<Long> rowMajor(String name, List<Long> shape) {
        Long[] strides = new Long[shape.size()];
        long stride = 1;
        for (int dimension = shape.size() - 1; dimension >= 0; dimension--) {
            strides[dimension] = stride;
            try {
                stride = Math.multiplyExact(stride, shape.get(dimension));
            } catch (ArithmeticException e) {
                throw tooLarge(name, shape, e);
            }
        }
        return List.of(strides);
    }

    /** Rows of a matrix; a vector or scalar is one row. */
    @Override
    public int rows() {
        return shape.size() == 2 ? Math.toIntExact(shape.getFirst()) : 1;
    }

    /** Elements of a row. */
    @Override
    public int columns() {
        return shape.isEmpty() ? 1 : Math.toIntExact(shape.getLast());
    }

    /** Reads {@code count} elements of a row, from column {@code from} on, as float32, to {@code into[0 .. count)}. */
    @Override
    public void read(int row, int from, int count, float[] into) {
        long rowStride = shape.size() == 2 ? strides.getFirst() : 0;
        long step = strides.isEmpty() ? 1 : strides.getLast();
        long first = offset + row * rowStride + from * step;
        switch (type) {
            case FLOAT32 -> readFloats(first, step, count, into);
            case FLOAT16 -> {
                for (int i = 0; i < count; i++) {
                    into[i] = Float.float16ToFloat(bits(first + i * step));
                }
            }
            case BFLOAT16 -> {
                for (int i = 0; i < count; i++) {
                    into[i] = Float.intBitsToFloat(bits(first + i * step) << 16);
                }
            }
            default -> throw new IllegalStateException(name + " is " + type);
        }
    }

    private void readFloats(long first, long step, int count, float[] into) {
        if (step == 1) {
            MemorySegment.copy(storage, FLOAT, first * Float.BYTES, into, 0, count);
            return;
        }
        for (int i = 0; i < count; i++) {
            into[i] = storage.get(FLOAT, (first + i * step) * Float.BYTES);
        }
    }

    private short bits(long element) {
        return storage.get(SHORT, element * Short.BYTES);
    }

    private static long lastElement(String name, List<Long> shape, List<Long> strides, long offset) {
        try {
            long last = offset;
            for (int dimension = 0; dimension < shape.size(); dimension++) {
                last = Math.addExact(last, Math.multiplyExact(shape.get(dimension) - 1, strides.get(dimension)));
            }
            return last;
        } catch (ArithmeticException e) {
            throw tooLarge(name, shape, e);
        }
    }

    private static long elements(String name, List<Long> shape) {
        try {
            return shape.stream().reduce(1L, Math::multiplyExact);
        } catch (ArithmeticException e) {
            throw tooLarge(name, shape, e);
        }
    }

    private static String place(List<Long> shape, List<Long> strides, long offset) {
        return "shape " + Excerpt.of(shape) + ", strides " + Excerpt.of(strides) + ", offset " + offset;
    }

    private static CheckpointFormatException tooLarge(String name, List<Long> shape, ArithmeticException cause) {
        return new CheckpointFormatException(
                "tensor " + Excerpt.of(name) + " is too large: shape " + Excerpt.of(shape), cause);
    }

    private static CheckpointFormatException wrong(String name, String message) {
        return new CheckpointFormatException("tensor " + Excerpt.of(name) + " " + message);
    }
}

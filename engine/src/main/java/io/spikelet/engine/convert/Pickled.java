package io.spikelet.engine.convert;

import java.util.List;
import java.util.Map;

/**
 * What an {@link Unpickler} can produce besides strings, booleans, {@link Long}, {@link java.math.BigInteger} and
 * {@link Double}.
 */
sealed interface Pickled {
    /** Values without content. {@code OPAQUE} stands for things that no tensor depends on, such as a device. */
    enum Marker implements Pickled {
        NONE,
        MARK,
        OPAQUE
    }

    /** What may be called. */
    enum Callable implements Pickled {
        REBUILD_TENSOR,
        REBUILD_PARAMETER,
        ORDERED_DICT,
        SIZE,
        DEVICE
    }

    record StorageType(ElementType elements) implements Pickled {}

    record Storage(ElementType elements, String key, long count) implements Pickled {}

    /** A view as the file describes it; nothing in it is checked yet. */
    record Tensor(Storage storage, long offset, List<Long> shape, List<Long> strides) implements Pickled {}

    record Tuple(List<Object> items) implements Pickled {}

    record Items(List<Object> items) implements Pickled {}

    /** Keys are strings, numbers or booleans. */
    record Dict(boolean ordered, Map<Object, Object> items) implements Pickled {}
}

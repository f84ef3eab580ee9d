package io.spikelet.engine.convert;

import java.util.List;
import java.util.Map;

/**
 * Values that an {@link Unpickler} can produce in addition to strings, booleans, {@link Long}, {@link
 * java.math.BigInteger} and {@link Double}. A structure may contain itself, so they are never printed, compared or
 * hashed.
 */
sealed interface Pickled {
    /** The kind of value, for messages. */
    default String described() {
        return switch (this) {
            case Marker marker -> marker == Marker.NONE ? "None" : "an object";
            case Callable callable -> "a function";
            case StorageType type -> "a type";
            case Storage storage -> "a storage";
            case Tensor tensor -> "a tensor";
            case Tuple tuple -> "a tuple of " + tuple.items().size() + " values";
            case Items list -> "a list of " + list.items().size() + " values";
            case Dict dict -> "a dict of " + dict.items().size() + " items";
        };
    }

    /** Values without content. {@code OPAQUE} represents values that no tensor depends on, such as a device. */
    enum Marker implements Pickled {
        NONE,
        MARK,
        OPAQUE
    }

    /** The callables that a pickle may use. */
    enum Callable implements Pickled {
        REBUILD_TENSOR,
        REBUILD_PARAMETER,
        ORDERED_DICT,
        SIZE,
        DEVICE
    }

    record StorageType(ElementType elements) implements Pickled {}

    record Storage(ElementType elements, String key, long count) implements Pickled {}

    /** A view as the file describes it, not checked yet. */
    record Tensor(Storage storage, long offset, List<Long> shape, List<Long> strides) implements Pickled {}

    record Tuple(List<Object> items) implements Pickled {}

    record Items(List<Object> items) implements Pickled {}

    /** Keys are strings, numbers or booleans. */
    record Dict(boolean ordered, Map<Object, Object> items) implements Pickled {}
}

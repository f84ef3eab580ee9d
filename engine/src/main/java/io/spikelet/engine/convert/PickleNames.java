package io.spikelet.engine.convert;

import io.spikelet.engine.message.Excerpt;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;

/**
 * The only names that a pickle may use, and the results of calling them. No Python object is looked up or executed:
 * each name represents a value of {@link Pickled}.
 */
final class PickleNames {
    private static final Set<String> SCALAR_TYPES =
            Set.of("float32", "float16", "bfloat16", "float64", "bool", "uint8", "int8", "int16", "int32", "int64");

    private PickleNames() {}

    static Pickled resolve(String module, String name) {
        switch (module + " " + name) {
            case "torch._utils _rebuild_tensor_v2":
                return Pickled.Callable.REBUILD_TENSOR;
            case "torch._utils _rebuild_parameter":
                return Pickled.Callable.REBUILD_PARAMETER;
            case "collections OrderedDict":
                return Pickled.Callable.ORDERED_DICT;
            case "torch Size":
                return Pickled.Callable.SIZE;
            case "torch device":
                return Pickled.Callable.DEVICE;
            default:
                break;
        }
        if (module.equals("torch")) {
            var elements = ElementType.ofStorageClass(name);
            if (elements.isPresent()) {
                return new Pickled.StorageType(elements.get());
            }
            if (SCALAR_TYPES.contains(name)) {
                return Pickled.Marker.OPAQUE;
            }
        }
        throw new CheckpointFormatException("the pickle names " + Excerpt.of(module) + "." + Excerpt.of(name)
                + ", which a checkpoint of tensors does not need; refused, nothing was executed. Save the state dict"
                + " alone, or as safetensors");
    }

    static Object call(Object callable, Object arguments) {
        if (!(callable instanceof Pickled.Callable target) || !(arguments instanceof Pickled.Tuple tuple)) {
            throw new CheckpointFormatException("the pickle calls something that is not a function: damaged");
        }
        List<Object> items = tuple.items();
        return switch (target) {
            case REBUILD_TENSOR -> tensor(items);
            case REBUILD_PARAMETER -> argument(items, 0, Pickled.Tensor.class, "_rebuild_parameter");
            case ORDERED_DICT -> orderedDict(items);
            case SIZE -> argument(items, 0, Pickled.Tuple.class, "Size");
            case DEVICE -> Pickled.Marker.OPAQUE;
        };
    }

    /**
     * A storage from {@code ("storage", type, key, location, element count)}; before torch 1.6 a sixth item follows:
     * None, or a view of another storage, which is refused.
     */
    static Pickled.Storage storage(Object id) {
        if (!(id instanceof Pickled.Tuple tuple)
                || tuple.items().size() < 5
                || tuple.items().size() > 6
                || tuple.items().size() == 6 && tuple.items().get(5) != Pickled.Marker.NONE
                || !"storage".equals(tuple.items().getFirst())) {
            throw new CheckpointFormatException("the pickle refers to something outside itself that is not a storage");
        }
        List<Object> items = tuple.items();
        return new Pickled.Storage(
                argument(items, 1, Pickled.StorageType.class, "storage").elements(),
                argument(items, 2, String.class, "storage"),
                argument(items, 4, Long.class, "storage"));
    }

    private static Pickled.Tensor tensor(List<Object> items) {
        String function = "_rebuild_tensor_v2";
        return new Pickled.Tensor(
                argument(items, 0, Pickled.Storage.class, function),
                argument(items, 1, Long.class, function),
                integers(argument(items, 2, Pickled.Tuple.class, function)),
                integers(argument(items, 3, Pickled.Tuple.class, function)));
    }

    /** Only calls without arguments or with a list of pairs occur. */
    private static Pickled.Dict orderedDict(List<Object> items) {
        Pickled.Dict dict = new Pickled.Dict(true, new LinkedHashMap<>());
        if (items.isEmpty()) {
            return dict;
        }
        for (Object pair :
                argument(items, 0, Pickled.Items.class, "OrderedDict").items()) {
            if (!(pair instanceof Pickled.Items list) || list.items().size() != 2) {
                throw new CheckpointFormatException("the pickle builds an OrderedDict from something that is no pair");
            }
            put(dict, list.items().getFirst(), list.items().getLast());
        }
        return dict;
    }

    static void put(Pickled.Dict dict, Object key, Object value) {
        // Only scalars: hashing a collection could recurse without end.
        if (key instanceof Pickled) {
            throw new CheckpointFormatException("the pickle uses a collection as the key of a dict");
        }
        dict.items().put(key, value);
    }

    private static List<Long> integers(Pickled.Tuple tuple) {
        List<Long> values = new ArrayList<>();
        for (Object item : tuple.items()) {
            if (!(item instanceof Long value)) {
                throw new CheckpointFormatException("the pickle gives a tensor a size or stride that is no integer");
            }
            values.add(value);
        }
        return values;
    }

    private static <T> T argument(List<Object> items, int index, Class<T> type, String function) {
        if (index >= items.size() || !type.isInstance(items.get(index))) {
            throw new CheckpointFormatException("the pickle calls " + function + " with a wrong argument " + index);
        }
        return type.cast(items.get(index));
    }
}

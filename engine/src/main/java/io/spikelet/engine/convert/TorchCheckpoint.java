package io.spikelet.engine.convert;

import io.spikelet.engine.message.Excerpt;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads what {@code torch.save} writes: a zip archive with one pickle and one member per storage, or the older format
 * of {@link LegacyTorchFile}.
 */
final class TorchCheckpoint {
    private static final String PICKLE = "data.pkl";
    private static final String STORAGES = "data/";
    private static final int MAX_BYTEORDER_BYTES = 16;
    private static final int NESTED_DICTS = 1;

    private final String where;
    private final Map<String, Checkpoint.Member> members;
    private final String prefix;
    private final List<String> stateDictKeys;
    private final Map<String, Checkpoint.Member> used = new LinkedHashMap<>();

    private TorchCheckpoint(
            String where, Map<String, Checkpoint.Member> members, String prefix, List<String> stateDictKeys) {
        this.where = where;
        this.members = members;
        this.prefix = prefix;
        this.stateDictKeys = stateDictKeys;
    }

    /**
     * Reads the structure; tensors are slices of {@code file}.
     *
     * @param stateDictKeys keys of the top-level dict that may hold the state dict; if there is none of them, the
     *     top-level dict is the state dict
     */
    static Checkpoint read(MemorySegment file, String where, List<String> stateDictKeys) {
        Map<String, Checkpoint.Member> members = ZipDirectory.read(file, where);
        List<String> pickles = members.keySet().stream()
                .filter(name -> name.equals(PICKLE) || name.endsWith("/" + PICKLE))
                .toList();
        if (pickles.size() != 1) {
            throw new CheckpointFormatException(
                    "cannot read " + where + ": it is a zip archive, but not one of torch.save (" + pickles.size()
                            + " members are called data.pkl; there must be 1)");
        }
        String pickle = pickles.getFirst();
        return new TorchCheckpoint(
                        where, members, pickle.substring(0, pickle.length() - PICKLE.length()), stateDictKeys)
                .read();
    }

    /** The same for a file in the format before torch 1.6. */
    static Checkpoint readLegacy(MemorySegment file, String where, List<String> stateDictKeys) {
        LegacyTorchFile parts;
        try {
            parts = LegacyTorchFile.read(file);
        } catch (CheckpointFormatException e) {
            throw new CheckpointFormatException("cannot read " + where + ": " + e.getMessage(), e);
        }
        Map<String, Checkpoint.Member> members = new LinkedHashMap<>();
        parts.storages()
                .forEach((key, content) ->
                        members.put(STORAGES + key, new Checkpoint.Member(STORAGES + key, content, 0)));
        return new TorchCheckpoint(where, members, "", stateDictKeys).checkpoint(parts.root());
    }

    private Checkpoint read() {
        checkByteOrder();
        Checkpoint.Member pickle = members.get(prefix + PICKLE);
        if (!pickle.intact()) {
            throw wrong("its data.pkl fails its checksum; copy it again");
        }
        Object root;
        try {
            root = Unpickler.read(pickle.content());
        } catch (CheckpointFormatException e) {
            throw new CheckpointFormatException("cannot read " + where + ": " + e.getMessage(), e);
        }
        return checkpoint(root);
    }

    private Checkpoint checkpoint(Object root) {
        if (!(root instanceof Pickled.Dict top)) {
            throw wrong("its pickle holds no dict, so neither \"config\" nor a state dict");
        }
        Checkpoint.Tensors tensors = new Checkpoint.Tensors();
        Optional<String> stateDictKey =
                stateDictKeys.stream().filter(top.items()::containsKey).findFirst();
        stateDict(top, stateDictKey).items().forEach((key, value) -> {
            if (key instanceof String name && value instanceof Pickled.Tensor tensor) {
                Checkpoint.Tensors.cleaned(name).ifPresent(cleaned -> tensors.add(resolve(cleaned, tensor)));
            }
        });
        if (tensors.byName().isEmpty()) {
            throw wrong(tensorsElsewhere(top));
        }
        return new Checkpoint(tensors.byName(), config(top), List.copyOf(used.values()), stateDictKey);
    }

    /** Newer archives declare their byte order; older ones are always little-endian. */
    private void checkByteOrder() {
        Checkpoint.Member member = members.get(prefix + "byteorder");
        if (member == null) {
            return;
        }
        String order = member.content().byteSize() > MAX_BYTEORDER_BYTES
                ? "unreadable"
                : new String(member.content().toArray(ValueLayout.JAVA_BYTE), StandardCharsets.US_ASCII).strip();
        if (!order.equals("little")) {
            throw wrong("its byte order is " + order + "; save it on a little-endian machine");
        }
    }

    private Pickled.Dict stateDict(Pickled.Dict top, Optional<String> key) {
        if (key.isEmpty()) {
            return top;
        }
        if (top.items().get(key.get()) instanceof Pickled.Dict dict) {
            return dict;
        }
        throw wrong("its entry \"" + key.get() + "\" is no state dict");
    }

    private String tensorsElsewhere(Pickled.Dict top) {
        return top.items().entrySet().stream()
                .filter(entry -> entry.getValue() instanceof Pickled.Dict dict
                        && dict.items().values().stream().anyMatch(Pickled.Tensor.class::isInstance))
                .findFirst()
                .map(entry -> Checkpoint.misplaced(entry.getKey(), stateDictKeys))
                .orElse("its pickle holds no tensors; give a checkpoint that was saved with its state dict");
    }

    private Optional<Map<String, Object>> config(Pickled.Dict top) {
        Object config = top.items().get("config");
        if (config == null) {
            return Optional.empty();
        }
        if (!(config instanceof Pickled.Dict dict)) {
            throw wrong("its entry \"config\" is no dict");
        }
        return Optional.of(plain(dict, NESTED_DICTS));
    }

    /**
     * Nested dicts as maps, None as null. Deeper structures, which may contain themselves, and other types are replaced
     * by a description.
     */
    private static Map<String, Object> plain(Pickled.Dict dict, int depth) {
        Map<String, Object> fields = new LinkedHashMap<>();
        dict.items()
                .forEach((key, value) -> fields.put(
                        String.valueOf(key),
                        switch (value) {
                            case Pickled.Dict nested when depth > 0 -> plain(nested, depth - 1);
                            case Pickled.Marker marker when marker == Pickled.Marker.NONE -> null;
                            case Pickled pickled -> pickled.described();
                            default -> value;
                        }));
        return fields;
    }

    private SourceTensor resolve(String name, Pickled.Tensor tensor) {
        Pickled.Storage storage = tensor.storage();
        String memberName = prefix + STORAGES + storage.key();
        Checkpoint.Member member = members.get(memberName);
        if (member == null) {
            throw wrong(
                    "tensor " + Excerpt.of(name) + " lies in member " + Excerpt.of(memberName) + ", which is missing");
        }
        long bytes = member.content().byteSize();
        // Division, so that a huge claimed count cannot overflow.
        if (bytes % storage.elements().bytes() != 0
                || storage.count() != bytes / storage.elements().bytes()) {
            throw wrong("tensor " + Excerpt.of(name) + " claims a storage of " + storage.count() + " elements of type "
                    + storage.elements() + "; member " + Excerpt.of(memberName) + " has " + bytes + " bytes");
        }
        used.put(memberName, member);
        return new SourceTensor(
                name, storage.elements(), tensor.shape(), tensor.strides(), member.content(), tensor.offset());
    }

    private CheckpointFormatException wrong(String message) {
        return new CheckpointFormatException("cannot read " + where + ": " + message);
    }
}

package io.spikelet.engine.convert;

import io.spikelet.engine.message.Excerpt;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * A checkpoint whose structure has been read; the weights stay in the mapped file.
 *
 * @param tensors by cleaned key, in the order of the file
 * @param config the embedded configuration by upstream field name, if there is one
 * @param members the parts of the file that carry a checksum
 * @param stateDictKey the entry of the top-level dict that holds the tensors; empty if they are in the top-level dict
 *     itself
 */
public record Checkpoint(
        Map<String, SourceTensor> tensors,
        Optional<Map<String, Object>> config,
        List<Member> members,
        Optional<String> stateDictKey) {
    /** A stored member of an archive with its CRC-32. */
    public record Member(String name, MemorySegment content, long crc32) {
        /** Whether the content matches its checksum; 0 means "not computed", an option of torch. */
        boolean intact() {
            if (crc32 == 0) {
                return true;
            }
            CRC32 crc = new CRC32();
            long size = content.byteSize();
            for (long at = 0; at < size; at += CHUNK_BYTES) {
                crc.update(content.asSlice(at, Math.min(CHUNK_BYTES, size - at)).asByteBuffer());
            }
            return crc.getValue() == crc32;
        }
    }

    private static final long CHUNK_BYTES = 1 << 26;
    private static final int MOST_PREFIXES = 8;

    /** Prefixes that wrappers add to keys. */
    private static final List<String> WRAPPERS = List.of("module.", "_orig_mod.");

    /** Substring of the keys of run-time state, which is not a weight. */
    private static final String MEMBRANE = "v_mem";

    /** The message for tensors that are under a key that their family does not use, and so are not read. */
    static String misplaced(Object key, List<String> stateDictKeys) {
        return "its tensors lie under \"" + Excerpt.of(String.valueOf(key))
                + "\"; they are read at the top, or under one of " + stateDictKeys + ": save that entry alone";
    }

    /** The prefixes, each ending in a dot, that all tensor names share; the longest first. */
    List<String> commonPrefixes() {
        List<String> prefixes = new ArrayList<>();
        String name = tensors.isEmpty() ? "" : tensors.keySet().iterator().next();
        for (int dot = name.indexOf('.');
                dot >= 0 && prefixes.size() < MOST_PREFIXES;
                dot = name.indexOf('.', dot + 1)) {
            String prefix = name.substring(0, dot + 1);
            if (!tensors.keySet().stream().allMatch(other -> other.startsWith(prefix))) {
                break;
            }
            prefixes.addFirst(prefix);
        }
        return prefixes;
    }

    /** This checkpoint without a prefix that all names share. */
    Checkpoint without(String prefix) {
        Map<String, SourceTensor> stripped = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> stripped.put(name.substring(prefix.length()), tensor));
        return new Checkpoint(stripped, config, members, stateDictKey);
    }

    /** Collects tensors under cleaned keys, as the upstream loader does. */
    static final class Tensors {
        private final Map<String, SourceTensor> byName = new LinkedHashMap<>();

        /** The key without the prefixes of wrappers; empty if the entry is skipped. */
        static Optional<String> cleaned(String key) {
            String name = key;
            for (String wrapper : WRAPPERS) {
                name = name.replace(wrapper, "");
            }
            return name.contains(MEMBRANE) ? Optional.empty() : Optional.of(name);
        }

        void add(SourceTensor tensor) {
            if (byName.putIfAbsent(tensor.name(), tensor) != null) {
                throw new CheckpointFormatException("two entries of the state dict are called "
                        + Excerpt.of(tensor.name()) + " once \"module.\" and \"_orig_mod.\" are removed");
            }
        }

        Map<String, SourceTensor> byName() {
            return byName;
        }
    }
}

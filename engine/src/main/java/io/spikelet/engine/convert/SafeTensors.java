package io.spikelet.engine.convert;

import com.fasterxml.jackson.databind.JsonNode;
import io.spikelet.engine.message.Excerpt;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads the safetensors format: a length, a JSON header, and one buffer that the tensors fill without gaps. */
final class SafeTensors {
    private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** Largest header that is read; one of a released checkpoint has about 0.05 MB. */
    private static final int MAX_HEADER_BYTES = 16 << 20;

    private record Extent(String key, long begin, long end) {}

    private final String where;
    private final MemorySegment buffer;
    private final List<Extent> extents = new ArrayList<>();

    private SafeTensors(String where, MemorySegment buffer) {
        this.where = where;
        this.buffer = buffer;
    }

    /** Whether a file begins like a safetensors file, regardless of its name. */
    static boolean looksLikeSafeTensors(MemorySegment file) {
        return file.byteSize() > Long.BYTES
                && file.get(ValueLayout.JAVA_BYTE, Long.BYTES) == '{'
                && file.get(U64, 0) >= 2
                && file.get(U64, 0) <= MAX_HEADER_BYTES;
    }

    /** Reads the structure; tensors are slices of {@code file}. */
    static Checkpoint read(MemorySegment file, String where) {
        if (file.byteSize() < Long.BYTES) {
            throw new CheckpointFormatException("cannot read " + where + ": it has " + file.byteSize()
                    + " bytes, too few for the header length of safetensors");
        }
        long headerBytes = file.get(U64, 0);
        if (headerBytes < 2 || headerBytes > MAX_HEADER_BYTES || headerBytes > file.byteSize() - Long.BYTES) {
            throw new CheckpointFormatException("cannot read " + where + ": its safetensors header claims "
                    + Long.toUnsignedString(headerBytes) + " bytes; the file has " + file.byteSize() + ", and at most "
                    + MAX_HEADER_BYTES + " are read");
        }
        byte[] header = file.asSlice(Long.BYTES, headerBytes).toArray(ValueLayout.JAVA_BYTE);
        SafeTensors reader = new SafeTensors(where, file.asSlice(Long.BYTES + headerBytes));
        return reader.read(StrictJson.object(header, "the safetensors header of " + where));
    }

    private Checkpoint read(JsonNode header) {
        Checkpoint.Tensors tensors = new Checkpoint.Tensors();
        for (Map.Entry<String, JsonNode> field : header.properties()) {
            if (!field.getKey().equals("__metadata__")) {
                SourceTensor tensor = tensor(field.getKey(), field.getValue());
                Checkpoint.Tensors.cleaned(field.getKey())
                        .ifPresent(name -> tensors.add(new SourceTensor(
                                name, tensor.type(), tensor.shape(), tensor.strides(), tensor.storage(), 0)));
            }
        }
        checkCoverage();
        return new Checkpoint(tensors.byName(), Optional.empty(), List.of(), Optional.empty());
    }

    private SourceTensor tensor(String key, JsonNode entry) {
        String dtype = entry.path("dtype").asText();
        ElementType type = ElementType.ofSafeTensorsName(dtype)
                .orElseThrow(
                        () -> wrong(key, "has dtype \"" + Excerpt.of(dtype) + "\", which this program does not read"));
        List<Long> shape = integers(key, entry.path("shape"), "shape");
        List<Long> offsets = integers(key, entry.path("data_offsets"), "data_offsets");
        if (offsets.size() != 2
                || offsets.getFirst() < 0
                || offsets.getFirst() > offsets.getLast()
                || offsets.getLast() > buffer.byteSize()) {
            throw wrong(
                    key,
                    "has data_offsets " + Excerpt.of(offsets) + "; the file has " + buffer.byteSize()
                            + " bytes of data: truncated or damaged");
        }
        long bytes = offsets.getLast() - offsets.getFirst();
        if (bytes != expectedBytes(key, shape, type)) {
            throw wrong(key, "has shape " + Excerpt.of(shape) + " of " + dtype + " in " + bytes + " bytes");
        }
        extents.add(new Extent(key, offsets.getFirst(), offsets.getLast()));
        MemorySegment storage = buffer.asSlice(offsets.getFirst(), bytes);
        return new SourceTensor(key, type, shape, SourceTensor.rowMajor(key, shape), storage, 0);
    }

    private long expectedBytes(String key, List<Long> shape, ElementType type) {
        long bytes = type.bytes();
        for (long extent : shape) {
            if (extent < 0) {
                throw wrong(key, "has the negative size " + extent);
            }
            try {
                bytes = Math.multiplyExact(bytes, extent);
            } catch (ArithmeticException e) {
                throw new CheckpointFormatException(
                        "cannot read " + where + ": tensor " + Excerpt.of(key) + " is too large: shape "
                                + Excerpt.of(shape),
                        e);
            }
        }
        return bytes;
    }

    /** The format requires that every byte of the buffer belongs to exactly one tensor. */
    private void checkCoverage() {
        extents.sort(Comparator.comparingLong(Extent::begin).thenComparingLong(Extent::end));
        long covered = 0;
        for (Extent extent : extents) {
            if (extent.begin() != covered) {
                throw wrong(
                        extent.key(),
                        "begins at byte " + extent.begin() + "; the tensor before it ends at " + covered
                                + ": overlap or gap");
            }
            covered = extent.end();
        }
        if (covered != buffer.byteSize()) {
            throw new CheckpointFormatException("cannot read " + where + ": its tensors end at byte " + covered + " of "
                    + buffer.byteSize() + " bytes of data");
        }
    }

    private List<Long> integers(String key, JsonNode array, String field) {
        if (!array.isArray()) {
            throw wrong(key, "has no array " + field);
        }
        List<Long> values = new ArrayList<>();
        for (JsonNode element : array) {
            if (!element.isIntegralNumber() || !element.canConvertToLong()) {
                throw wrong(key, "has " + field + " of other values; they must be integers");
            }
            values.add(element.longValue());
        }
        return values;
    }

    private CheckpointFormatException wrong(String key, String message) {
        return new CheckpointFormatException("cannot read " + where + ": tensor " + Excerpt.of(key) + " " + message);
    }
}

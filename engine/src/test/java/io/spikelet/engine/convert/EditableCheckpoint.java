package io.spikelet.engine.convert;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.spikelet.engine.family.Families;
import io.spikelet.engine.tensor.DType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.StreamSupport;

/**
 * A safetensors file of float32 taken apart, to be changed and converted.
 *
 * @param tensors by name
 * @param config its {@code config.json}
 */
public record EditableCheckpoint(Map<String, Stored> tensors, ObjectNode config) {
    /** A tensor. */
    @SuppressWarnings("ArrayRecordComponent")
    public record Stored(List<Integer> shape, byte[] bytes) {}

    /** Reads {@code model.safetensors} and {@code config.json} of a folder. */
    public static EditableCheckpoint read(Path folder) throws IOException {
        ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(folder.resolve("model.safetensors")))
                .order(ByteOrder.LITTLE_ENDIAN);
        int header = Math.toIntExact(file.getLong(0));
        JsonNode entries =
                new ObjectMapper().readTree(new String(file.array(), Long.BYTES, header, StandardCharsets.UTF_8));
        Map<String, Stored> tensors = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : entries.properties()) {
            if (!entry.getKey().startsWith("__")) {
                int from = entry.getValue().get("data_offsets").get(0).intValue();
                byte[] bytes =
                        new byte[entry.getValue().get("data_offsets").get(1).intValue() - from];
                file.get(Long.BYTES + header + from, bytes);
                List<Integer> shape = StreamSupport.stream(
                                entry.getValue().get("shape").spliterator(), false)
                        .map(JsonNode::intValue)
                        .toList();
                tensors.put(entry.getKey(), new Stored(shape, bytes));
            }
        }
        return new EditableCheckpoint(tensors, (ObjectNode)
                new ObjectMapper().readTree(folder.resolve("config.json").toFile()));
    }

    /** Writes both files to {@code folder} and converts them to {@code output}. */
    public Path convert(Path folder, Path output) throws IOException {
        ObjectNode header = new ObjectMapper().createObjectNode();
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        tensors.forEach((name, tensor) -> {
            ObjectNode entry = header.putObject(name);
            entry.put("dtype", "F32");
            tensor.shape().forEach(entry.withArray("shape")::add);
            if (tensor.shape().isEmpty()) {
                entry.putArray("shape");
            }
            entry.putArray("data_offsets").add(data.size()).add(data.size() + tensor.bytes().length);
            data.writeBytes(tensor.bytes());
        });
        byte[] json = header.toString().getBytes(StandardCharsets.UTF_8);
        ByteBuffer file =
                ByteBuffer.allocate(Long.BYTES + json.length + data.size()).order(ByteOrder.LITTLE_ENDIAN);
        file.putLong(json.length).put(json).put(data.toByteArray());
        Path checkpoint = Files.write(folder.resolve("model.safetensors"), file.array());
        Files.writeString(folder.resolve("config.json"), config.toString());
        Converter.convert(
                new Converter.Options(
                        checkpoint,
                        output,
                        Optional.empty(),
                        Optional.empty(),
                        DType.INT8,
                        DType.INT8,
                        Optional.empty()),
                Families.mappings(),
                line -> {});
        return output;
    }
}

package io.spikelet.engine.family.bispikclm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.spikelet.engine.convert.CheckpointFormatException;
import io.spikelet.engine.convert.Converter;
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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints that do not fit their configuration: refused by the name of what is wrong, and nothing is left behind. */
class BinaryRefusalTest {
    private static final String QUERY = "model.layers.0.attention.q_proj.weight";

    /** A tensor of a safetensors file. */
    private record Stored(List<Integer> shape, byte[] bytes) {}

    @TempDir
    Path folder;

    private final Map<String, Stored> tensors = new LinkedHashMap<>();
    private ObjectNode config;
    private int models;

    @BeforeEach
    void takeTheGoldenCheckpointApart() throws IOException {
        BinaryCase golden = BinaryCase.load("b3-r-odd");
        ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(golden.file("model.safetensors")))
                .order(ByteOrder.LITTLE_ENDIAN);
        int header = Math.toIntExact(file.getLong(0));
        JsonNode entries =
                new ObjectMapper().readTree(new String(file.array(), Long.BYTES, header, StandardCharsets.UTF_8));
        for (Map.Entry<String, JsonNode> entry : entries.properties()) {
            if (!entry.getKey().startsWith("__")) {
                int from = entry.getValue().get("data_offsets").get(0).intValue();
                byte[] bytes =
                        new byte[entry.getValue().get("data_offsets").get(1).intValue() - from];
                file.get(Long.BYTES + header + from, bytes);
                tensors.put(entry.getKey(), new Stored(shape(entry.getValue().get("shape")), bytes));
            }
        }
        config = (ObjectNode)
                new ObjectMapper().readTree(golden.file("config.json").toFile());
    }

    private static List<Integer> shape(JsonNode node) {
        return StreamSupport.stream(node.spliterator(), false)
                .map(JsonNode::intValue)
                .toList();
    }

    @Test
    void whatWasTakenApartConverts() throws IOException {
        assertThat(convert()).isDirectory();
    }

    @Test
    void theTiedHeadMayBeThereIfItIsTheEmbedding() throws IOException {
        tensors.put("lm_head.weight", tensors.get(BispikclmTensors.TOKENS));
        assertThat(convert()).isDirectory();
        byte[] other = tensors.get(BispikclmTensors.TOKENS).bytes().clone();
        other[other.length - 3] ^= 1;
        tensors.put(
                "lm_head.weight",
                new Stored(tensors.get(BispikclmTensors.TOKENS).shape(), other));
        refused("lm_head.weight differs from model.token_embedding.weight");
    }

    @Test
    void aMissingTensor() {
        tensors.remove(QUERY);
        refused("missing: " + QUERY);
    }

    @Test
    void anUnexpectedTensor() {
        tensors.put("model.layers.0.attention.q_norm.weight", tensors.get("final_layer_norm.weight"));
        refused("unexpected: model.layers.0.attention.q_norm.weight");
    }

    @Test
    void aWrongShape() {
        tensors.put(QUERY, new Stored(List.of(24, 96), tensors.get(QUERY).bytes()));
        refused("shape: " + QUERY);
    }

    @Test
    void aBiasThatTheConfigurationDenies() {
        config.put("mlp_bias", false);
        refused("unexpected: model.layers.0.mlp.fc1.bias");
    }

    @Test
    void aBiasThatTheConfigurationDemands() {
        config.put("attention_bias", true);
        refused("missing: model.layers.0.attention.q_proj.bias");
    }

    @Test
    void aNormThatTheConfigurationDenies() {
        config.put("block_norm", "none");
        refused("unexpected: model.layers.0.attention_norm.weight");
    }

    @Test
    void aValueThatIsNotFinite() {
        ByteBuffer.wrap(tensors.get(QUERY).bytes())
                .order(ByteOrder.LITTLE_ENDIAN)
                .putFloat(40, Float.NaN);
        refused("not finite: " + QUERY);
    }

    @Test
    void aSwitchThatNobodyKnows() {
        config.put("attention_softmax", true);
        refused("unknown field \"attention_softmax\"");
    }

    private void refused(String message) {
        assertThatThrownBy(this::convert)
                .isInstanceOf(CheckpointFormatException.class)
                .hasMessageContaining(message);
        assertThat(folder.resolve("model-" + (models - 1))).doesNotExist();
    }

    private Path convert() throws IOException {
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
        Path output = folder.resolve("model-" + models++);
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

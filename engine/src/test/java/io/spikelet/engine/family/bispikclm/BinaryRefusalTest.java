package io.spikelet.engine.family.bispikclm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.spikelet.engine.Fixtures;
import io.spikelet.engine.convert.CheckpointFormatException;
import io.spikelet.engine.convert.EditableCheckpoint;
import io.spikelet.engine.convert.EditableCheckpoint.Stored;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints that do not fit their configuration: refused by the name of what is wrong, and nothing is left behind. */
class BinaryRefusalTest {
    private static final String QUERY = "model.layers.0.attention.q_proj.weight";

    @TempDir
    Path folder;

    private Map<String, Stored> tensors;
    private ObjectNode config;
    private EditableCheckpoint checkpoint;
    private int models;

    @BeforeEach
    void takeTheGoldenCheckpointApart() throws IOException {
        checkpoint = EditableCheckpoint.read(Fixtures.golden("bispikclm/b3-r-odd"));
        tensors = checkpoint.tensors();
        config = checkpoint.config();
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
        return checkpoint.convert(folder, folder.resolve("model-" + models++));
    }
}

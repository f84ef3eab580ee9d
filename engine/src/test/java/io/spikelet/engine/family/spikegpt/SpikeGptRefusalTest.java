package io.spikelet.engine.family.spikegpt;

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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Checkpoints that do not fit their configuration: refused by the name of what is wrong, and nothing is left behind. */
class SpikeGptRefusalTest {
    private static final String KEY = "blocks.1.att.key.weight";

    @TempDir
    Path folder;

    private EditableCheckpoint checkpoint;
    private ObjectNode config;
    private int models;

    @BeforeEach
    void takeTheGoldenCheckpointApart() throws IOException {
        checkpoint = EditableCheckpoint.read(Fixtures.golden("spikegpt/g3-learnable"));
        config = checkpoint.config();
    }

    @Test
    void whatWasTakenApartConverts() throws IOException {
        assertThat(convert()).isDirectory();
        config.removeAll();
        assertThat(convert()).isDirectory();
    }

    @Test
    void aMissingTensor() {
        checkpoint.tensors().remove(KEY);
        refused("missing: " + KEY);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "blocks.0.ffnPre.key.weight",
                "head_q.weight",
                "head_k.weight",
                "copy_mask",
                "pos_emb_x",
                "blocks.0.att.time_mix_g"
            })
    void anEntryOfAnotherVariant(String name) {
        checkpoint.tensors().put(name, checkpoint.tensors().get("ln_out.weight"));
        refused("unexpected: " + name);
    }

    @Test
    void aWrongShape() {
        checkpoint
                .tensors()
                .put(
                        KEY,
                        new Stored(
                                List.of(25, 100), checkpoint.tensors().get(KEY).bytes()));
        refused("shape: " + KEY);
    }

    @Test
    void aValueThatIsNotFinite() {
        ByteBuffer.wrap(checkpoint.tensors().get(KEY).bytes())
                .order(ByteOrder.LITTLE_ENDIAN)
                .putFloat(40, Float.NaN);
        refused("not finite: " + KEY);
    }

    @Test
    void neuronsOfSomeBanksAlone() {
        checkpoint.tensors().remove("blocks.2.lif2.log_tau");
        refused("missing: blocks.2.lif2.log_tau");
    }

    @Test
    void neuronsThatTheConfigurationDenies() {
        config.putObject("lif").put("tau", 2.0);
        refused("unexpected: blocks.0.lif1.log_tau");
    }

    @Test
    void learnableNeuronsInTheProgramThatIgnoresThem() {
        config.put("profile", "run");
        refused("the profile is run and the neurons are learnable");
    }

    @Test
    void moreBlocksThanTensors() {
        config.put("num_hidden_layers", 1 << 23);
        refused("num_hidden_layers is 8388608");
    }

    @ParameterizedTest
    @CsvSource({"tau, 1.0", "tau, 0.5", "threshold, 0.0", "threshold, -1"})
    void aNeuronThatIsNone(String field, double value) {
        config.putObject("lif").put("learnable", true).put(field, value);
        refused("lif." + field + " is " + (float) value);
    }

    @ParameterizedTest
    @CsvSource({
        "profile, fast, 'profile is fast; it must be one of train, run'",
        "embedding, ternary, 'embedding is ternary; it must be one of binary, float'",
        "model_type, rwkv, 'model_type is rwkv'",
        "attention_softmax, true, unknown field \"attention_softmax\"",
        "context_length, 0, 'context_length is'",
        "rescale_every, -1, 'rescale_every is'"
    })
    void aFieldThatCannotBeUsed(String field, String value, String message) {
        if (value.matches("-?\\d+")) {
            config.put(field, Integer.parseInt(value));
        } else {
            config.put(field, value);
        }
        refused(message);
    }

    @Test
    void aNestedFieldThatNoNeuronHas() {
        config.putObject("lif").put("learnable", true).put("surrogate", "atan");
        refused("unknown field");
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

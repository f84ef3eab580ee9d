package io.spikelet.engine.family.bispikclm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spikelet.engine.kernel.MembraneReset;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigurationFieldsTest {
    @Test
    void withoutFieldsItIsTheReproductionsModel() {
        BispikclmConfig config = ConfigurationFields.resolve(Map.of());
        assertThat(config.variant()).isEqualTo("reproduction");
        assertThat(config.vocabSize()).isEqualTo(50272);
        assertThat(config.width()).isEqualTo(768);
        assertThat(config.steps()).isEqualTo(4);
        assertThat(config.threshold()).isEqualTo(0.7f);
        assertThat(config.decay()).isEqualTo(0.9f);
        assertThat(config.inputScale()).isEqualTo(50f);
        assertThat(config.epsilon()).isEqualTo(1e-5);
        assertThat(config.reset()).isEqualTo(MembraneReset.HARD);
        assertThat(config.readoutMean()).isTrue();
    }

    @Test
    void theInputScaleIsTheInverseOfTheInitializersRangeUnlessItIsGiven() {
        Map<String, Object> fields = new HashMap<>();
        fields.put("initializer_range", 0.05);
        fields.put("input_scale", null);
        assertThat(ConfigurationFields.resolve(fields).inputScale()).isEqualTo(20f);
        fields.put("input_scale", 12.0);
        assertThat(ConfigurationFields.resolve(fields).inputScale()).isEqualTo(12f);
    }

    @Test
    void whatIsWrittenIsWhatIsRead() {
        BispikclmConfig config = profile(true, false, false, true, false);
        assertThat(ConfigurationFields.resolve(config.fields())).isEqualTo(config);
    }

    @Test
    void whetherTheStreamIsIntegerFollowsFromTheSwitches() {
        BispikclmConfig r = profile(false, true, false, false, true);
        assertThat(r.variant()).isEqualTo("reproduction");
        assertThat(r.attentionInput(0)).isEqualTo(StreamKind.FLOAT);
        assertThat(r.mlpInput(0)).isEqualTo(StreamKind.FLOAT);
        assertThat(r.attentionInput(1)).isEqualTo(StreamKind.BITS);
        assertThat(r.mlpInput(1)).isEqualTo(StreamKind.INTEGER);

        BispikclmConfig i = profile(true, false, false, true, false);
        assertThat(i.attentionInput(0)).isEqualTo(StreamKind.BITS);
        assertThat(i.mlpInput(0)).isEqualTo(StreamKind.INTEGER);
        assertThat(i.attentionInput(1)).isEqualTo(StreamKind.INTEGER);
        assertThat(i.blockOutput(1)).isEqualTo(StreamKind.INTEGER);

        BispikclmConfig residual = profile(false, true, true, false, false);
        assertThat(residual.mlpInput(0)).isEqualTo(StreamKind.BITS);
        assertThat(residual.blockOutput(0)).isEqualTo(StreamKind.FLOAT);
        assertThat(residual.attentionInput(1)).isEqualTo(StreamKind.FLOAT);
    }

    private static BispikclmConfig profile(
            boolean input, boolean context, boolean residual, boolean mlpOutput, boolean blockOutput) {
        return ConfigurationFields.resolve(Map.of(
                "num_hidden_layers", 2L,
                "input_spike", input,
                "attention_context_spike", context,
                "attention_residual_spike", residual,
                "mlp_output_spike", mlpOutput,
                "block_output_spike", blockOutput));
    }

    @ParameterizedTest
    @CsvSource({
        "hidden_size, 770, heads must divide the width",
        "num_steps, 0, num_steps is 0",
        "num_steps, 257, num_steps is 257",
        "vocab_size, 0, vocab_size is 0",
        "vocab_size, 99999999999, must be a 32-bit integer",
        "max_position_embeddings, -1, max_position_embeddings is -1",
        "bos_token_id, 50272, an id of the vocabulary",
        "eos_token_id, -1, an id of the vocabulary",
        "widths, 3, unknown field \"widths\""
    })
    void refusesIntegersThatCannotBe(String field, long value, String message) {
        refused(field, value, message);
    }

    @Test
    void refusesOtherValuesThatCannotBe() {
        refused("spike_threshold", 0.0, "above 0");
        refused("spike_threshold", Double.NaN, "above 0");
        refused("spike_threshold", Double.POSITIVE_INFINITY, "above 0");
        refused("membrane_decay", Double.NaN, "must be finite");
        refused("layer_norm_eps", -1.0, "at least 0");
        refused("membrane_reset", "soft", "one of hard, soft_a, soft_b");
        refused("input_encoding", "poisson", "one of ramp, constant");
        refused("block_norm", "rms_norm", "one of layer_norm, none");
        refused("readout", "last", "one of mean, sum");
        refused("input_spike", 1L, "true or false");
        refused("tie_word_embeddings", false, "head is the token embedding");
        refused("initializer_range", 0.0, "input_scale");
        refused("readout", "x".repeat(10_000), "one of mean, sum");
    }

    @Test
    void whatNobodyReadsMayBeThere() {
        Map<String, Object> fields = new HashMap<>();
        for (String field : new String[] {
            "tau", "spike_surrogate", "surrogate_alpha", "readout_scale", "teacher_model_id", "model_type"
        }) {
            fields.put(field, "anything");
        }
        assertThat(ConfigurationFields.resolve(fields)).isEqualTo(ConfigurationFields.resolve(Map.of()));
    }

    private static void refused(String field, Object value, String message) {
        assertThatThrownBy(() -> ConfigurationFields.resolve(Map.of(field, value)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message)
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(300));
    }
}

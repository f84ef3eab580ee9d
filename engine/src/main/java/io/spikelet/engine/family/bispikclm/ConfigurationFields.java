package io.spikelet.engine.family.bispikclm;

import io.spikelet.engine.kernel.MembraneReset;
import io.spikelet.engine.model.ConfigurationValues;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * A configuration with the field names of the checkpoint: missing fields have the reproduction's defaults, unknown ones
 * are refused. Source: section 2 of the specification.
 */
final class ConfigurationFields {
    /** Fields of a training configuration that do not affect inference. */
    private static final Set<String> UNREAD =
            Set.of("tau", "spike_surrogate", "surrogate_alpha", "readout_scale", "teacher_model_id", "model_type");

    private ConfigurationFields() {}

    /**
     * @param values Long, Double, Boolean or String; null for a field without a value
     * @throws IllegalArgumentException if a value cannot be used
     */
    static BispikclmConfig resolve(Map<String, ?> values) {
        ConfigurationValues given = new ConfigurationValues(values, UNREAD);
        int vocabulary = given.integer("vocab_size", 50272);
        double initializerRange = given.number("initializer_range", 0.02);
        BispikclmConfig config = new BispikclmConfig(
                vocabulary,
                given.integer("hidden_size", 768),
                given.integer("intermediate_size", 3072),
                given.integer("num_attention_heads", 12),
                given.integer("num_hidden_layers", 12),
                given.integer("max_position_embeddings", 2048),
                given.integer("pad_token_id", 1),
                given.integer("bos_token_id", 2),
                given.integer("eos_token_id", 2),
                given.integer("num_steps", 4),
                (float) given.number("spike_threshold", 0.7),
                (float) given.number("membrane_decay", 0.9),
                shortDecimal(given.number("layer_norm_eps", 1e-5)),
                (float) given.number("input_scale", 1 / initializerRange),
                given.choice("input_encoding", "ramp", "constant").equals("ramp")
                        ? InputEncoding.RAMP
                        : InputEncoding.CONSTANT,
                given.flag("input_spike", false),
                MembraneReset.valueOf(given.choice("membrane_reset", "hard", "soft_a", "soft_b")
                        .toUpperCase(Locale.ROOT)),
                given.choice("block_norm", "layer_norm", "none").equals("layer_norm"),
                given.flag("attention_context_spike", true),
                given.flag("attention_residual_spike", false),
                given.flag("mlp_output_spike", false),
                given.flag("block_output_spike", true),
                given.flag("attention_bias", false),
                given.flag("mlp_bias", true),
                given.choice("readout", "mean", "sum").equals("mean"));
        if (!given.flag("tie_word_embeddings", true)) {
            throw new IllegalArgumentException(
                    "tie_word_embeddings is false; this program reads models whose head is the token embedding");
        }
        given.end();
        return config;
    }

    /** Everything that determines the forward pass, with the same names. */
    static Map<String, Object> of(BispikclmConfig config) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("vocab_size", config.vocabSize());
        fields.put("hidden_size", config.width());
        fields.put("intermediate_size", config.hidden());
        fields.put("num_attention_heads", config.heads());
        fields.put("num_hidden_layers", config.layers());
        fields.put("max_position_embeddings", config.maxPositions());
        fields.put("pad_token_id", config.padId());
        fields.put("bos_token_id", config.bosId());
        fields.put("eos_token_id", config.eosId());
        fields.put("num_steps", config.steps());
        fields.put("spike_threshold", config.threshold());
        fields.put("membrane_decay", config.decay());
        fields.put("layer_norm_eps", (float) config.epsilon());
        fields.put("input_scale", config.inputScale());
        fields.put("input_encoding", config.inputEncoding().label());
        fields.put("input_spike", config.inputSpike());
        fields.put("membrane_reset", config.reset().name().toLowerCase(Locale.ROOT));
        fields.put("block_norm", config.layerNorm() ? "layer_norm" : "none");
        fields.put("attention_context_spike", config.contextSpike());
        fields.put("attention_residual_spike", config.residualSpike());
        fields.put("mlp_output_spike", config.mlpOutputSpike());
        fields.put("block_output_spike", config.blockOutputSpike());
        fields.put("attention_bias", config.attentionBias());
        fields.put("mlp_bias", config.mlpBias());
        fields.put("readout", config.readoutMean() ? "mean" : "sum");
        return fields;
    }

    /** The double value of the decimal number in a manifest. */
    private static double shortDecimal(double value) {
        return Double.parseDouble(Float.toString((float) value));
    }
}

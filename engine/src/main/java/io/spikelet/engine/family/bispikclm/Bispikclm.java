package io.spikelet.engine.family.bispikclm;

import io.spikelet.engine.model.FamilyConfig;
import io.spikelet.engine.model.JsonFields;
import io.spikelet.engine.model.ModelFamily;
import io.spikelet.engine.model.SamplerPolicy;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** BiSpikCLM (arXiv 2605.13859). Stateless and thread-safe. */
public final class Bispikclm implements ModelFamily {
    /** The one instance. */
    public static final ModelFamily FAMILY = new Bispikclm();

    private static final List<String> INTEGERS = List.of(
            "vocab_size",
            "hidden_size",
            "intermediate_size",
            "num_attention_heads",
            "num_hidden_layers",
            "max_position_embeddings",
            "pad_token_id",
            "bos_token_id",
            "eos_token_id",
            "num_steps");
    private static final List<String> NUMBERS =
            List.of("spike_threshold", "membrane_decay", "layer_norm_eps", "input_scale");
    private static final List<String> WORDS = List.of("input_encoding", "membrane_reset", "block_norm", "readout");
    private static final List<String> FLAGS = List.of(
            "input_spike",
            "attention_context_spike",
            "attention_residual_spike",
            "mlp_output_spike",
            "block_output_spike",
            "attention_bias",
            "mlp_bias");

    private Bispikclm() {}

    @Override
    public String architecture() {
        return "bispikclm";
    }

    @Override
    public List<String> variants() {
        return Profile.labels();
    }

    /** A manifest sets every switch; there are no defaults. */
    @Override
    public FamilyConfig config(String variant, JsonFields fields) {
        Map<String, Object> values = new LinkedHashMap<>();
        INTEGERS.forEach(field -> values.put(field, fields.smallInteger(field)));
        NUMBERS.forEach(field -> values.put(field, fields.number(field)));
        WORDS.forEach(field -> values.put(field, fields.text(field)));
        FLAGS.forEach(field -> values.put(field, fields.flag(field)));
        BispikclmConfig config = ConfigurationFields.resolve(values);
        if (!config.variant().equals(variant)) {
            throw new IllegalArgumentException(
                    "the variant is " + variant + ", but the switches are those of " + config.variant());
        }
        return config;
    }

    @Override
    public List<SamplerPolicy> samplers() {
        return List.of();
    }

    @Override
    public List<String> ablations() {
        return List.of();
    }
}

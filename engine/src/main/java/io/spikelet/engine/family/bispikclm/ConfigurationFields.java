package io.spikelet.engine.family.bispikclm;

import io.spikelet.engine.kernel.MembraneReset;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * A configuration by the checkpoint's own field names: missing fields have the reproduction's defaults, unknown ones are
 * refused. Source: section 2 of the specification.
 */
final class ConfigurationFields {
    private static final int MAX_QUOTE = 60;

    /** Fields of a training configuration that say nothing about inference. */
    private static final Set<String> UNREAD =
            Set.of("tau", "spike_surrogate", "surrogate_alpha", "readout_scale", "teacher_model_id", "model_type");

    private final Map<String, ?> values;
    private final Set<String> unknown;

    private ConfigurationFields(Map<String, ?> values) {
        this.values = values;
        this.unknown = new TreeSet<>(values.keySet());
        unknown.removeAll(UNREAD);
    }

    /**
     * @param values Long, Double, Boolean or String; null where a field has none
     * @throws IllegalArgumentException if one cannot be used
     */
    static BispikclmConfig resolve(Map<String, ?> values) {
        return new ConfigurationFields(values).resolve();
    }

    private BispikclmConfig resolve() {
        int vocabulary = integer("vocab_size", 50272);
        double initializerRange = number("initializer_range", 0.02);
        BispikclmConfig config = new BispikclmConfig(
                vocabulary,
                integer("hidden_size", 768),
                integer("intermediate_size", 3072),
                integer("num_attention_heads", 12),
                integer("num_hidden_layers", 12),
                integer("max_position_embeddings", 2048),
                integer("pad_token_id", 1),
                integer("bos_token_id", 2),
                integer("eos_token_id", 2),
                integer("num_steps", 4),
                (float) number("spike_threshold", 0.7),
                (float) number("membrane_decay", 0.9),
                shortDecimal(number("layer_norm_eps", 1e-5)),
                (float) number("input_scale", 1 / initializerRange),
                choice("input_encoding", "ramp", "constant").equals("ramp")
                        ? InputEncoding.RAMP
                        : InputEncoding.CONSTANT,
                flag("input_spike", false),
                MembraneReset.valueOf(
                        choice("membrane_reset", "hard", "soft_a", "soft_b").toUpperCase(Locale.ROOT)),
                choice("block_norm", "layer_norm", "none").equals("layer_norm"),
                flag("attention_context_spike", true),
                flag("attention_residual_spike", false),
                flag("mlp_output_spike", false),
                flag("block_output_spike", true),
                flag("attention_bias", false),
                flag("mlp_bias", true),
                choice("readout", "mean", "sum").equals("mean"));
        if (!flag("tie_word_embeddings", true)) {
            throw new IllegalArgumentException(
                    "tie_word_embeddings is false; this program reads models whose head is the token embedding");
        }
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException(
                    "unknown field " + quote(unknown.iterator().next())
                            + "; a switch that this program does not know would change what the model computes");
        }
        return config;
    }

    /** All that determines the forward pass, by the same names. */
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

    private Object value(String field) {
        unknown.remove(field);
        return values.get(field);
    }

    private int integer(String field, int otherwise) {
        Object value = value(field);
        if (value == null) {
            return otherwise;
        }
        if (value instanceof Long number && number == number.intValue()) {
            return number.intValue();
        }
        if (value instanceof Integer number) {
            return number;
        }
        throw wrong(field, value, "a 32-bit integer");
    }

    private double number(String field, double otherwise) {
        Object value = value(field);
        if (value == null) {
            return otherwise;
        }
        if (value instanceof Number number) {
            return number.doubleValue();
        }
        throw wrong(field, value, "a number");
    }

    /** The double of the decimal that a manifest holds. */
    private static double shortDecimal(double value) {
        return Double.parseDouble(Float.toString((float) value));
    }

    private boolean flag(String field, boolean otherwise) {
        Object value = value(field);
        if (value == null) {
            return otherwise;
        }
        if (value instanceof Boolean flag) {
            return flag;
        }
        throw wrong(field, value, "true or false");
    }

    /** One of some words, the first of which is the default. */
    private String choice(String field, String... words) {
        Object value = value(field);
        if (value == null) {
            return words[0];
        }
        for (String word : words) {
            if (word.equals(value)) {
                return word;
            }
        }
        throw wrong(field, value, "one of " + String.join(", ", words));
    }

    private static IllegalArgumentException wrong(String field, Object value, String expected) {
        return new IllegalArgumentException(field + " is " + quote(String.valueOf(value)) + "; it must be " + expected);
    }

    private static String quote(String text) {
        return '"' + (text.length() <= MAX_QUOTE ? text : text.substring(0, MAX_QUOTE) + "…") + '"';
    }
}

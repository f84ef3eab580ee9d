package io.spikelet.engine.family.spikegpt;

import io.spikelet.engine.model.ConfigurationValues;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A configuration with the field names of section 2 of the specification: missing fields have its defaults, unknown
 * ones are refused. Members of the object {@code lif} are flattened to fields such as {@code lif.tau}.
 */
final class ConfigurationFields {
    private static final String VOCABULARY = "vocab_size";
    private static final String WIDTH = "hidden_size";
    private static final String HIDDEN = "intermediate_size";
    private static final String LAYERS = "num_hidden_layers";
    private static final String CONTEXT = "context_length";
    private static final String RESCALE = "rescale_every";
    private static final String EPSILON = "layer_norm_eps";
    private static final String TAU = "lif.tau";
    private static final String THRESHOLD = "lif.threshold";
    private static final String PROFILE = "profile";
    private static final String EMBEDDING = "embedding";
    private static final String RESET = "lif.reset";
    private static final String DECAY_INPUT = "lif.decay_input";
    private static final String LEARNABLE = "lif.learnable";
    private static final String NESTED = "lif";
    private static final String MODEL_TYPE = "model_type";

    /** The fields of a manifest, by type. */
    static final List<String> INTEGERS = List.of(VOCABULARY, WIDTH, HIDDEN, LAYERS, CONTEXT, RESCALE);

    static final List<String> NUMBERS = List.of(EPSILON, TAU, THRESHOLD);
    static final List<String> WORDS = List.of(PROFILE, EMBEDDING, RESET);
    static final List<String> FLAGS = List.of(DECAY_INPUT, LEARNABLE);

    /** Vocabulary size of the character model, for which the generation program makes the embedding binary. */
    static final int CHARACTERS = 77;

    private static final int RUN_RESCALE = 6;

    private ConfigurationFields() {}

    /**
     * @param values Long, Double, Boolean, String, or Map for a nested object; null for a field without a value
     * @throws IllegalArgumentException if a value cannot be used
     */
    static SpikeGptConfig resolve(Map<String, ?> values) {
        ConfigurationValues given = new ConfigurationValues(flat(values), Set.of());
        given.choice(MODEL_TYPE, "spikegpt");
        int vocabulary = given.integer(VOCABULARY, 0);
        int width = given.integer(WIDTH, 0);
        boolean isRun = given.choice(PROFILE, "train", "run").equals("run");
        String embedding = isRun && vocabulary != CHARACTERS
                ? given.choice(EMBEDDING, "float", "binary")
                : given.choice(EMBEDDING, "binary", "float");
        boolean learnable = given.flag(LEARNABLE, false);
        if (learnable && isRun) {
            throw new IllegalArgumentException("the profile is run and the neurons are learnable; the program of that"
                    + " profile ignores their parameters, so such a model is not defined: use the profile train");
        }
        boolean soft =
                (learnable ? given.choice(RESET, "soft", "hard") : given.choice(RESET, "hard", "soft")).equals("soft");
        SpikeGptConfig config = new SpikeGptConfig(
                Profile.of(isRun ? "run" : "train", embedding),
                vocabulary,
                width,
                given.integer(HIDDEN, (int) Math.min(4L * width, Integer.MAX_VALUE)),
                given.integer(LAYERS, 0),
                given.integer(CONTEXT, 1024),
                (float) given.number(EPSILON, 1e-5),
                given.integer(RESCALE, isRun ? RUN_RESCALE : 0),
                (float) given.number(TAU, 2),
                (float) given.number(THRESHOLD, 1),
                soft,
                given.flag(DECAY_INPUT, !learnable),
                learnable);
        given.end();
        return config;
    }

    private static Map<String, Object> flat(Map<String, ?> values) {
        Map<String, Object> flat = new LinkedHashMap<>();
        values.forEach((field, value) -> {
            if (field.equals(NESTED) && value instanceof Map<?, ?> neuron) {
                neuron.forEach((name, number) -> flat.put(NESTED + "." + name, number));
            } else {
                flat.put(field, value);
            }
        });
        return flat;
    }

    /** Everything that determines the forward pass, with the same names. */
    static Map<String, Object> of(SpikeGptConfig config) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put(VOCABULARY, config.vocabSize());
        fields.put(WIDTH, config.width());
        fields.put(HIDDEN, config.hidden());
        fields.put(LAYERS, config.layers());
        fields.put(CONTEXT, config.contextLength());
        fields.put(EPSILON, config.epsilon());
        fields.put(PROFILE, config.profile().program());
        fields.put(EMBEDDING, config.profile().embedding());
        fields.put(RESCALE, config.rescaleEvery());
        fields.put(TAU, config.tau());
        fields.put(THRESHOLD, config.threshold());
        fields.put(RESET, config.softReset() ? "soft" : "hard");
        fields.put(DECAY_INPUT, config.decayInput());
        fields.put(LEARNABLE, config.learnable());
        return fields;
    }
}

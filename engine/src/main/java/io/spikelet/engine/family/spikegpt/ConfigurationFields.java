package io.spikelet.engine.family.spikegpt;

import io.spikelet.engine.message.Excerpt;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * A configuration by the names of the specification, section 2: missing fields have its defaults, unknown ones are refused. What
 * stands in the object {@code lif} is here a field of its own, such as {@code lif.tau}.
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

    /** The character model's, whose embedding the generation program makes binary. */
    private static final int CHARACTERS = 77;

    private static final int RUN_RESCALE = 6;

    private final Map<String, Object> values = new LinkedHashMap<>();
    private final Set<String> unknown;

    private ConfigurationFields(Map<String, ?> given) {
        given.forEach((field, value) -> {
            if (field.equals(NESTED) && value instanceof Map<?, ?> neuron) {
                neuron.forEach((name, number) -> values.put(NESTED + "." + name, number));
            } else {
                values.put(field, value);
            }
        });
        this.unknown = new TreeSet<>(values.keySet());
    }

    /**
     * @param values Long, Double, Boolean, String, or Map for what is nested; null where a field has none
     * @throws IllegalArgumentException if one cannot be used
     */
    static SpikeGptConfig resolve(Map<String, ?> values) {
        return new ConfigurationFields(values).resolve();
    }

    private SpikeGptConfig resolve() {
        choice(MODEL_TYPE, "spikegpt");
        int vocabulary = integer(VOCABULARY, 0);
        int width = integer(WIDTH, 0);
        boolean isRun = choice(PROFILE, "train", "run").equals("run");
        String embedding = isRun && vocabulary != CHARACTERS
                ? choice(EMBEDDING, "float", "binary")
                : choice(EMBEDDING, "binary", "float");
        boolean learnable = flag(LEARNABLE, false);
        if (learnable && isRun) {
            throw new IllegalArgumentException("the profile is run and the neurons are learnable; the program of that"
                    + " profile ignores their parameters, so such a model is not defined: use the profile train");
        }
        boolean soft = (learnable ? choice(RESET, "soft", "hard") : choice(RESET, "hard", "soft")).equals("soft");
        SpikeGptConfig config = new SpikeGptConfig(
                Profile.of(isRun ? "run" : "train", embedding),
                vocabulary,
                width,
                integer(HIDDEN, (int) Math.min(4L * width, Integer.MAX_VALUE)),
                integer(LAYERS, 0),
                integer(CONTEXT, 1024),
                (float) number(EPSILON, 1e-5),
                integer(RESCALE, isRun ? RUN_RESCALE : 0),
                (float) number(TAU, 2),
                (float) number(THRESHOLD, 1),
                soft,
                flag(DECAY_INPUT, !learnable),
                learnable);
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException("unknown field "
                    + Excerpt.of(unknown.iterator().next())
                    + "; a switch that this program does not know would change what the model computes");
        }
        return config;
    }

    /** All that determines the forward pass, by the same names. */
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
        return new IllegalArgumentException(
                field + " is " + Excerpt.of(String.valueOf(value)) + "; it must be " + expected);
    }
}

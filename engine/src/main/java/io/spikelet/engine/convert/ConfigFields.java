package io.spikelet.engine.convert;

import com.fasterxml.jackson.databind.JsonNode;
import io.spikelet.engine.model.ModelConfig;
import io.spikelet.engine.model.ModelDefaults;
import io.spikelet.engine.model.Variant;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** An upstream configuration: unknown fields are ignored, missing ones have the variant's default. */
final class ConfigFields {
    private static final int MAX_BYTES = 1 << 20;

    private final Map<String, Object> fields;

    private ConfigFields(Map<String, Object> fields) {
        this.fields = fields;
    }

    /** The fields of a {@code config.json}. */
    static Map<String, Object> read(Path file) {
        try {
            long size = Files.size(file);
            if (size > MAX_BYTES) {
                throw new CheckpointFormatException(
                        file + " has " + size + " bytes; a config has at most " + MAX_BYTES);
            }
            Map<String, Object> fields = new LinkedHashMap<>();
            for (Map.Entry<String, JsonNode> field :
                    StrictJson.object(Files.readAllBytes(file), file.toString()).properties()) {
                fields.put(field.getKey(), value(field.getValue()));
            }
            return fields;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    static ModelConfig resolve(Variant variant, Map<String, Object> values) {
        ConfigFields fields = new ConfigFields(values);
        ModelConfig base = ModelDefaults.of(variant);
        boolean canExit = variant == Variant.V194M;
        try {
            return new ModelConfig(
                    variant,
                    fields.integer("vocab_size", base.vocabSize()),
                    fields.integer("embed_dim", base.embedDim()),
                    fields.integer("n_layers", base.layers()),
                    fields.integer("n_heads", base.heads()),
                    fields.integer("head_dim", base.headDim()),
                    fields.integer("intermediate_dim", base.intermediateDim()),
                    fields.integer("max_seq_len", base.maxSeqLen()),
                    fields.single("spike_threshold", base.spikeThreshold()),
                    fields.single("leak_factor", base.leakFactor()),
                    fields.single("rope_theta", base.ropeTheta()),
                    fields.window(variant, base.window()),
                    fields.integer("n_global_anchors", base.anchors()),
                    fields.flag("enable_sparse_attn", base.sparseAttention()),
                    fields.flag("enable_dynamic_prior", base.dynamicPrior()),
                    canExit && fields.flag("enable_entropy_exit", base.entropyExit()),
                    canExit
                            ? fields.single("entropy_exit_threshold", base.entropyExitThreshold())
                            : base.entropyExitThreshold());
        } catch (CheckpointFormatException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            throw new CheckpointFormatException("the configuration cannot be used: " + e.getMessage(), e);
        }
    }

    /** The 0.8B model truncates the window and raises it to 1. */
    private int window(Variant variant, int otherwise) {
        String field = "sparse_attn_window";
        if (variant == Variant.V194M) {
            return integer(field, otherwise);
        }
        if (fields.get(field) instanceof Double value && Math.abs(value) < Integer.MAX_VALUE) {
            return Math.max(1, value.intValue());
        }
        return Math.max(1, integer(field, otherwise));
    }

    private int integer(String field, int otherwise) {
        Object value = fields.getOrDefault(field, (long) otherwise);
        if (value instanceof Long number && number == number.intValue()) {
            return number.intValue();
        }
        throw wrong(field, value, "a 32-bit integer");
    }

    private float single(String field, float otherwise) {
        Object value = fields.getOrDefault(field, (double) otherwise);
        if (value instanceof Number number) {
            return number.floatValue();
        }
        throw wrong(field, value, "a number");
    }

    private boolean flag(String field, boolean otherwise) {
        Object value = fields.getOrDefault(field, otherwise);
        if (value instanceof Boolean flag) {
            return flag;
        }
        throw wrong(field, value, "true or false");
    }

    private static Object value(JsonNode node) {
        if (node.isBoolean()) {
            return node.booleanValue();
        }
        if (node.isIntegralNumber() && node.canConvertToLong()) {
            return node.longValue();
        }
        return node.isNumber() ? (Object) node.doubleValue() : node.toString();
    }

    private static CheckpointFormatException wrong(String field, Object value, String expected) {
        return new CheckpointFormatException("config field " + field + " is " + value + "; it must be " + expected);
    }
}

package io.spikelet.engine.family.symboliclight;

import io.spikelet.engine.convert.CheckpointFormatException;
import io.spikelet.engine.message.Excerpt;
import java.util.Map;

/** An upstream configuration: unknown fields are ignored, missing ones have the variant's default. */
final class UpstreamConfig {
    private final Map<String, Object> fields;

    private UpstreamConfig(Map<String, Object> fields) {
        this.fields = fields;
    }

    static SymbolicLightConfig resolve(Variant variant, Map<String, Object> values) {
        UpstreamConfig fields = new UpstreamConfig(values);
        fields.refuse("use_topk_mask");
        fields.refuse("enable_stdp");
        SymbolicLightConfig base = ReleasedConfigs.of(variant);
        boolean canExit = variant == Variant.V194M;
        try {
            return new SymbolicLightConfig(
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

    /** Refuses a switch of later revisions that changes what a model computes. */
    private void refuse(String field) {
        if (flag(field, false)) {
            throw new CheckpointFormatException(
                    "config field " + field + " is true; this program computes models without"
                            + " it: give a --config in which it is false if the checkpoint was trained so");
        }
    }

    /** For 0.8B, upstream truncates the window to an integer and raises it to at least 1. */
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

    private static CheckpointFormatException wrong(String field, Object value, String expected) {
        return new CheckpointFormatException(
                "config field " + field + " is " + Excerpt.of(value.toString()) + "; it must be " + expected);
    }
}

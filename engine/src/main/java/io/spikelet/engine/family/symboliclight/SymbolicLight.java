package io.spikelet.engine.family.symboliclight;

import io.spikelet.engine.model.FamilyConfig;
import io.spikelet.engine.model.JsonFields;
import io.spikelet.engine.model.ModelFamily;
import io.spikelet.engine.model.SamplerPolicy;
import java.util.List;

/** SymbolicLight V1 (arXiv 2605.21333), in its two released variants. Stateless and thread-safe. */
public final class SymbolicLight implements ModelFamily {
    /** The one instance. */
    public static final ModelFamily FAMILY = new SymbolicLight();

    private SymbolicLight() {}

    @Override
    public String architecture() {
        return "symboliclight";
    }

    @Override
    public List<String> variants() {
        return Variant.labels();
    }

    @Override
    public FamilyConfig config(String variant, JsonFields fields) {
        Variant release = Variant.named(variant);
        boolean canExit = release == Variant.V194M;
        return new SymbolicLightConfig(
                release,
                fields.smallInteger("vocab_size"),
                fields.smallInteger("embed_dim"),
                fields.smallInteger("n_layers"),
                fields.smallInteger("n_heads"),
                fields.smallInteger("head_dim"),
                fields.smallInteger("intermediate_dim"),
                fields.smallInteger("max_seq_len"),
                fields.single("spike_threshold"),
                fields.single("leak_factor"),
                fields.single("rope_theta"),
                fields.smallInteger("sparse_attn_window"),
                fields.smallInteger("n_global_anchors"),
                fields.flag("enable_sparse_attn"),
                fields.flag("enable_dynamic_prior"),
                canExit && fields.flag("enable_entropy_exit"),
                canExit ? fields.single("entropy_exit_threshold") : ReleasedConfigs.ENTROPY_EXIT_THRESHOLD);
    }

    @Override
    public List<SamplerPolicy> samplers() {
        return List.of(SymbolicLightSampler.values());
    }

    @Override
    public List<String> ablations() {
        return SymbolicLightAblation.labels();
    }
}

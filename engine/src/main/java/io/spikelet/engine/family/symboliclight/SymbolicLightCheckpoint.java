package io.spikelet.engine.family.symboliclight;

import io.spikelet.engine.convert.Checkpoint;
import io.spikelet.engine.convert.CheckpointMapping;
import io.spikelet.engine.convert.ModelPreset;
import io.spikelet.engine.model.FamilyConfig;
import io.spikelet.engine.model.ModelFamily;
import io.spikelet.engine.model.TensorSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The released checkpoints: upstream's state dict, whose names are kept. Stateless and thread-safe. */
public final class SymbolicLightCheckpoint implements CheckpointMapping {
    @Override
    public ModelFamily family() {
        return SymbolicLight.FAMILY;
    }

    @Override
    public List<String> stateDictKeys() {
        return List.of("model", "model_state_dict");
    }

    @Override
    public boolean recognises(Checkpoint checkpoint) {
        return checkpoint.tensors().containsKey(SymbolicLightTensors.EMBEDDING);
    }

    @Override
    public FamilyConfig config(Checkpoint checkpoint, Map<String, Object> fields, Optional<String> variant) {
        Variant release = variant.map(Variant::named)
                .orElse(
                        checkpoint.tensors().containsKey(SymbolicLightTensors.PRIOR_WEIGHT)
                                ? Variant.V0_8B
                                : Variant.V194M);
        return UpstreamConfig.resolve(release, fields);
    }

    /** The stored tensors and the buffers that are not stored. */
    @Override
    public Map<String, ExpectedEntry> expected(FamilyConfig model) {
        SymbolicLightConfig config = (SymbolicLightConfig) model;
        Map<String, ExpectedEntry> expected = new LinkedHashMap<>();
        for (TensorSpec spec : config.tensors()) {
            List<Long> shape = spec.shape().stream().map(Integer::longValue).toList();
            expected.put(spec.name(), new ExpectedEntry(shape, true));
        }
        if (config.release() == Variant.V0_8B && config.sparseAttention()) {
            List<Long> shape = List.of((long) config.maxSeqLen(), (long) config.maxSeqLen());
            for (int layer = 0; layer < config.layers(); layer++) {
                String mask = SymbolicLightTensors.block(layer) + "tcam.sparse_attn._cached_mask";
                expected.put(mask, new ExpectedEntry(shape, false));
            }
        }
        return expected;
    }

    @Override
    public List<ModelPreset> presets() {
        return List.of(SymbolicLightPreset.values());
    }
}

package io.spikelet.engine.family.spikegpt;

import io.spikelet.engine.convert.Checkpoint;
import io.spikelet.engine.convert.CheckpointFormatException;
import io.spikelet.engine.convert.CheckpointMapping;
import io.spikelet.engine.convert.ModelPreset;
import io.spikelet.engine.convert.SourceTensor;
import io.spikelet.engine.convert.TensorConverter;
import io.spikelet.engine.model.FamilyConfig;
import io.spikelet.engine.model.ModelFamily;
import io.spikelet.engine.model.TensorSpec;
import io.spikelet.engine.tensor.DType;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The released state dicts, and safetensors with the same names. They contain no configuration: sizes follow from the
 * shapes, the rest from profile and embedding. Source: sections 2 and 10 of the specification. Stateless and
 * thread-safe.
 */
public final class SpikeGptCheckpoint implements CheckpointMapping {
    private static final Pattern BLOCK = Pattern.compile("blocks\\.(\\d{1,9})\\..*");

    @Override
    public ModelFamily family() {
        return SpikeGpt.FAMILY;
    }

    @Override
    public List<String> stateDictKeys() {
        return List.of("state_dict", "model");
    }

    @Override
    public boolean recognises(Checkpoint checkpoint) {
        return checkpoint.tensors().containsKey(SpikeGptTensors.EMBEDDING)
                && checkpoint.tensors().containsKey(SpikeGptTensors.FIRST_NORM + "weight");
    }

    @Override
    public FamilyConfig config(Checkpoint checkpoint, Map<String, Object> fields, Optional<String> variant) {
        Map<String, Object> values = new LinkedHashMap<>(fields);
        sizes(checkpoint).forEach((field, size) -> values.merge(field, size, (given, found) -> given));
        variant.flatMap(Profile::ofLabel).ifPresent(profile -> {
            values.put("profile", profile.program());
            values.put("embedding", profile.embedding());
        });
        boolean hasNeurons = checkpoint.tensors().keySet().stream()
                .anyMatch(name -> SpikeGptTensors.NEURONS.stream().anyMatch(name::endsWith));
        if (hasNeurons && !(values.get("lif") instanceof Map)) {
            values.put("lif", Map.of("learnable", true));
        }
        SpikeGptConfig config;
        try {
            config = ConfigurationFields.resolve(values);
        } catch (IllegalArgumentException e) {
            throw new CheckpointFormatException("the configuration cannot be used: " + e.getMessage(), e);
        }
        if (variant.isPresent() && !variant.get().equals(config.variant())) {
            throw new CheckpointFormatException("--variant is " + variant.get() + ", which no model of this family has;"
                    + " its variants are " + String.join(", ", Profile.labels()));
        }
        if (config.layers() > checkpoint.tensors().size()) {
            throw new CheckpointFormatException(
                    "num_hidden_layers is " + config.layers() + "; the checkpoint has no more than "
                            + checkpoint.tensors().size() + " tensors");
        }
        return config;
    }

    /** The fields that follow from shapes and names. */
    private static Map<String, Object> sizes(Checkpoint checkpoint) {
        Map<String, Object> sizes = new LinkedHashMap<>();
        SourceTensor embedding = checkpoint.tensors().get(SpikeGptTensors.EMBEDDING);
        if (embedding.shape().size() == 2) {
            sizes.put("vocab_size", embedding.shape().getFirst());
            sizes.put("hidden_size", embedding.shape().getLast());
        }
        SourceTensor key = checkpoint.tensors().get(SpikeGptTensors.block(0) + SpikeGptTensors.FFN_KEY);
        if (key != null && key.shape().size() == 2) {
            sizes.put("intermediate_size", key.shape().getFirst());
        }
        long layers = checkpoint.tensors().keySet().stream()
                .map(BLOCK::matcher)
                .filter(Matcher::matches)
                .mapToLong(matcher -> Long.parseLong(matcher.group(1)) + 1)
                .max()
                .orElse(0);
        sizes.put("num_hidden_layers", layers);
        return sizes;
    }

    @Override
    public Map<String, ExpectedEntry> expected(FamilyConfig model) {
        long width = ((SpikeGptConfig) model).width();
        Map<String, ExpectedEntry> expected = new LinkedHashMap<>();
        for (TensorSpec spec : model.tensors()) {
            boolean isMix = SpikeGptTensors.MIXES.stream().anyMatch(spec.name()::endsWith);
            List<Long> shape = isMix
                    ? List.of(1L, 1L, width)
                    : spec.shape().stream().map(Integer::longValue).toList();
            expected.put(spec.name(), new ExpectedEntry(shape, true));
        }
        return expected;
    }

    @Override
    public void convert(
            FamilyConfig config,
            Checkpoint checkpoint,
            TensorConverter converter,
            Function<TensorSpec, DType> typeOf,
            Consumer<TensorSpec> written)
            throws IOException {
        CheckpointMapping.super.convert(config, checkpoint, converter, spec -> type(spec, typeOf), written);
    }

    /** An embedding that is not binary stays float32. */
    private static DType type(TensorSpec spec, Function<TensorSpec, DType> typeOf) {
        DType type = typeOf.apply(spec);
        return spec.role() == TensorSpec.Role.EMBEDDING && type.isCode() ? DType.FLOAT32 : type;
    }

    @Override
    public List<ModelPreset> presets() {
        return List.of(SpikeGptPreset.values());
    }
}

package io.spikelet.engine.convert;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The mappings of every family, passed to the code that converts or synthesizes. Immutable and thread-safe. */
public final class CheckpointMappings {
    private final List<CheckpointMapping> all;

    private CheckpointMappings(List<CheckpointMapping> all) {
        this.all = all;
    }

    public static CheckpointMappings of(List<CheckpointMapping> mappings) {
        return new CheckpointMappings(List.copyOf(mappings));
    }

    public List<CheckpointMapping> all() {
        return all;
    }

    /** The mapping that recognises a checkpoint. */
    Optional<CheckpointMapping> find(Checkpoint checkpoint) {
        return all.stream().filter(mapping -> mapping.recognises(checkpoint)).findFirst();
    }

    /** Every preset. */
    public List<ModelPreset> presets() {
        return all.stream().flatMap(mapping -> mapping.presets().stream()).toList();
    }

    /**
     * The preset with a name.
     *
     * @throws IllegalArgumentException if there is none
     */
    public ModelPreset preset(String label) {
        return presets().stream()
                .filter(preset -> preset.label().equals(label))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("--preset is " + label + "; it must be one of "
                        + presets().stream().map(ModelPreset::label).collect(Collectors.joining(", "))));
    }
}

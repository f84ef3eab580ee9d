package io.spikelet.engine.convert;

import io.spikelet.engine.model.FamilyConfig;
import io.spikelet.engine.model.ModelFamily;
import io.spikelet.engine.model.TensorSpec;
import io.spikelet.engine.tensor.DType;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * How the checkpoints of one family become model directories, and which models of it can be synthesized. Stateless and
 * thread-safe.
 */
public interface CheckpointMapping {
    ModelFamily family();

    /** Keys of a torch archive's top-level dict that may hold the state dict, the most likely first. */
    List<String> stateDictKeys();

    /** Whether the tensors are those of this family. */
    boolean recognises(Checkpoint checkpoint);

    /**
     * The configuration of a checkpoint.
     *
     * @param fields of the user's {@code config.json}, else the embedded ones, else those of the file in the
     *     checkpoint's folder, else none; numbers are Long or Double, nested objects are Maps
     * @param variant the user's choice
     * @throws CheckpointFormatException if the configuration cannot be used
     */
    FamilyConfig config(Checkpoint checkpoint, Map<String, Object> fields, Optional<String> variant);

    /** Every entry that the state dict must have. */
    Map<String, ExpectedEntry> expected(FamilyConfig config);

    /** Optional entries. */
    default Map<String, ExpectedEntry> optional(FamilyConfig config) {
        return Map.of();
    }

    /**
     * Checks that go beyond names, shapes and finite values.
     *
     * @throws CheckpointFormatException if the checkpoint is inconsistent
     */
    default void check(FamilyConfig config, Checkpoint checkpoint) {}

    /**
     * Writes every tensor of the model in the order of its specs. By default each is converted from the entry with the
     * same name.
     *
     * @param typeOf the type in which a matrix is stored
     * @param written is called after each tensor is written
     */
    default void convert(
            FamilyConfig config,
            Checkpoint checkpoint,
            TensorConverter converter,
            Function<TensorSpec, DType> typeOf,
            Consumer<TensorSpec> written)
            throws IOException {
        for (TensorSpec spec : config.tensors()) {
            converter.convert(spec, checkpoint.tensors().get(spec.name()), typeOf.apply(spec));
            written.accept(spec);
        }
    }

    /** The shapes that can be synthesized. */
    List<ModelPreset> presets();

    /**
     * One entry that a state dict must have.
     *
     * @param isWeight whether its values are read; of other entries only the shape is checked
     */
    record ExpectedEntry(List<Long> shape, boolean isWeight) {
        public ExpectedEntry {
            shape = List.copyOf(shape);
        }
    }
}

package io.spikelet.engine.model;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The content of {@code manifest.json}, which describes a model directory. Immutable.
 *
 * @param tensors in the order in which they are stored
 * @param weightsBytes size of {@code weights.bin}
 * @param weightsSha256 lower-case hexadecimal
 * @param tokenizerSha256 hash of the concatenated tokenizer files; empty if the directory has no tokenizer
 * @param tokenizerVocabulary number of pieces of that tokenizer, at most {@code config.vocabSize()}
 * @param quantization one entry per quantised tensor; empty for synthesized and float32 weights
 */
public record ModelManifest(
        FamilyConfig config,
        List<TensorEntry> tensors,
        long weightsBytes,
        String weightsSha256,
        Optional<String> tokenizerSha256,
        OptionalInt tokenizerVocabulary,
        Provenance provenance,
        List<QuantizationEntry> quantization) {
    /** {@code format} in the file. */
    public static final String FORMAT = "spikelet-model";

    /** {@code version} in the file; a reader refuses any other. */
    public static final int VERSION = 1;

    /** The file that holds the manifest. */
    public static final String FILE = "manifest.json";

    /** The file that holds the tensors. */
    public static final String WEIGHTS_FILE = "weights.bin";

    public ModelManifest {
        Objects.requireNonNull(config);
        tensors = List.copyOf(tensors);
        Objects.requireNonNull(weightsSha256);
        Objects.requireNonNull(tokenizerSha256);
        Objects.requireNonNull(tokenizerVocabulary);
        Objects.requireNonNull(provenance);
        quantization = List.copyOf(quantization);
    }

    /**
     * The entry of one tensor.
     *
     * @throws ModelFormatException if there is no tensor with that name
     */
    public TensorEntry tensor(String name) {
        return tensors.stream()
                .filter(entry -> entry.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new ModelFormatException("the model has no tensor " + name));
    }

    /** Number of trained parameters; buffers are not counted. */
    public long parameterCount() {
        Set<String> buffers = config.tensors().stream()
                .filter(spec -> spec.role() == TensorSpec.Role.BUFFER)
                .map(TensorSpec::name)
                .collect(Collectors.toSet());
        return tensors.stream()
                .filter(entry -> !buffers.contains(entry.name()))
                .mapToLong(TensorEntry::elements)
                .sum();
    }

    /** All entries by name. */
    Map<String, TensorEntry> tensorsByName() {
        Map<String, TensorEntry> byName = HashMap.newHashMap(tensors.size());
        tensors.forEach(entry -> byName.put(entry.name(), entry));
        return byName;
    }
}

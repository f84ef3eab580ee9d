package io.spikelet.engine.convert;

import io.spikelet.engine.message.Excerpt;
import io.spikelet.engine.model.FamilyConfig;
import io.spikelet.engine.model.ModelManifest;
import io.spikelet.engine.model.Provenance;
import io.spikelet.engine.model.Scheme;
import io.spikelet.engine.model.Sha256;
import io.spikelet.engine.model.TensorSpec;
import io.spikelet.engine.tensor.DType;
import io.spikelet.engine.tensor.Layout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Converts a released checkpoint ({@code torch.save} archive or safetensors) to a model directory. The checkpoint is
 * mapped, never loaded; heap use does not depend on its size. Stateless.
 */
public final class Converter {
    /** Incremented when the same checkpoint would give different bytes. */
    static final String VERSION = "spikelet-convert 1";

    private static final long HASH_CHUNK_BYTES = 1 << 24;

    private Converter() {}

    /**
     * What to convert.
     *
     * @param checkpoint a file, one of several shards, their index, or the folder of one checkpoint
     * @param config upstream {@code config.json}; by default the embedded configuration, or the {@code config.json} in
     *     the folder of a safetensors file, or the defaults of the variant
     * @param tokenizer a file or a folder, see {@link io.spikelet.engine.model.TokenizerFiles#at}; by default the
     *     tokenizer in the checkpoint's folder
     * @param weights type of all matrices; {@code FLOAT32} includes the embedding, {@code W8A8} is for matrices with
     *     continuous inputs, and the others are then {@code INT8}
     * @param embedding type of the embedding if {@code weights} is not {@code FLOAT32}: {@code INT8} or {@code FLOAT32}
     * @param variant of the family; by default it follows from the tensors
     * @param settings fields of the configuration that override those of the checkpoint
     */
    public record Options(
            Path checkpoint,
            Path output,
            Optional<Path> config,
            Optional<Path> tokenizer,
            DType weights,
            DType embedding,
            Optional<String> variant,
            Map<String, String> settings) {
        /** Without settings. */
        public Options(
                Path checkpoint,
                Path output,
                Optional<Path> config,
                Optional<Path> tokenizer,
                DType weights,
                DType embedding,
                Optional<String> variant) {
            this(checkpoint, output, config, tokenizer, weights, embedding, variant, Map.of());
        }

        public Options {
            Objects.requireNonNull(checkpoint);
            Objects.requireNonNull(output);
            Objects.requireNonNull(config);
            Objects.requireNonNull(tokenizer);
            Objects.requireNonNull(weights);
            Objects.requireNonNull(embedding);
            Objects.requireNonNull(variant);
            settings = Map.copyOf(settings);
        }

        DType typeOf(TensorSpec spec) {
            if (spec.layout() == Layout.BIT_ROWS) {
                return DType.BITS;
            }
            if (weights == DType.FLOAT32) {
                return DType.FLOAT32;
            }
            return spec.role() == TensorSpec.Role.EMBEDDING ? embedding : DType.INT8;
        }
    }

    /**
     * Converts; the output directory appears complete or not at all.
     *
     * @param mappings of the families whose checkpoints can be read
     * @param progress receives a line from time to time
     * @throws CheckpointFormatException if the checkpoint, its configuration or the tokenizer cannot be used
     * @throws IllegalArgumentException if the output exists
     * @throws UncheckedIOException if a file cannot be read or written
     */
    public static ConversionResult convert(Options options, CheckpointMappings mappings, Consumer<String> progress) {
        ModelOutput.requireAbsent(options.output());
        try (Arena arena = Arena.ofConfined()) {
            List<Path> files = CheckpointFiles.of(options.checkpoint());
            List<MemorySegment> mapped = CheckpointFiles.map(files, arena);
            long bytes = mapped.stream().mapToLong(MemorySegment::byteSize).sum();
            progress.accept(String.format(
                    Locale.ROOT,
                    "reading %s, %.1f MB%s",
                    options.checkpoint().getFileName(),
                    bytes / 1e6,
                    files.size() == 1 ? "" : " in " + files.size() + " shards"));
            return convert(options, mappings, files, mapped, progress);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + options.checkpoint() + ": " + e.getMessage(), e);
        }
    }

    private static ConversionResult convert(
            Options options,
            CheckpointMappings mappings,
            List<Path> files,
            List<MemorySegment> mapped,
            Consumer<String> progress) {
        Checkpoint checkpoint = CheckpointFiles.read(files, mapped, mappings);
        CheckpointMapping mapping = mappings.find(checkpoint)
                .orElseThrow(() -> new CheckpointFormatException(unknown(options.checkpoint(), checkpoint, mappings)));
        requireStateDictKey(options.checkpoint(), checkpoint, mapping);
        FamilyConfig config = mapping.config(
                checkpoint,
                fields(options, checkpoint, files.getFirst().resolveSibling("config.json")),
                options.variant());
        requireTaken(options.settings(), config);
        requirePossible(options.weights(), config);
        Optional<CheckedTokenizer> tokenizer = options.tokenizer().isPresent()
                ? options.tokenizer().map(path -> CheckedTokenizer.at(path, config))
                : CheckedTokenizer.beside(files.getFirst(), config, progress);
        progress.accept(checkpoint.tensors().size() + " tensors of the variant " + config.variant() + " to check");
        CheckpointChecks.check(checkpoint, mapping, config, options.checkpoint().toString());
        Provenance provenance =
                new Provenance(options.checkpoint().getFileName().toString(), Optional.of(sha256(mapped)), VERSION);
        ModelManifest manifest = ModelOutput.create(options.output(), directory -> {
            if (tokenizer.isPresent()) {
                tokenizer.get().files().writeTo(directory);
            }
            return write(directory, checkpoint, mapping, config, tokenizer, provenance, options, progress);
        });
        progress.accept("wrote " + options.output());
        return new ConversionResult(options.output(), manifest);
    }

    private static ModelManifest write(
            Path directory,
            Checkpoint checkpoint,
            CheckpointMapping mapping,
            FamilyConfig config,
            Optional<CheckedTokenizer> tokenizer,
            Provenance provenance,
            Options options,
            Consumer<String> progress)
            throws IOException {
        boolean roundsInputs = options.weights() == DType.W8A8;
        try (WeightsWriter writer = new WeightsWriter(directory.resolve(ModelManifest.WEIGHTS_FILE), roundsInputs)) {
            TensorConverter converter = new TensorConverter(writer);
            TensorProgress written =
                    new TensorProgress("converted", config.tensors().size(), progress);
            mapping.convert(config, checkpoint, converter, options::typeOf, written::accept);
            writer.finish();
            return new ModelManifest(
                    config,
                    writer.entries(),
                    writer.bytes(),
                    writer.sha256(),
                    tokenizer.map(CheckedTokenizer::sha256),
                    tokenizer.map(read -> OptionalInt.of(read.pieces())).orElse(OptionalInt.empty()),
                    provenance,
                    converter.quantization());
        }
    }

    /** The reader looks under the keys of every family, but a checkpoint must be under a key of its own family. */
    private static void requireStateDictKey(Path file, Checkpoint checkpoint, CheckpointMapping mapping) {
        checkpoint.stateDictKey().ifPresent(key -> {
            if (!mapping.stateDictKeys().contains(key)) {
                throw new CheckpointFormatException(
                        "cannot read " + file + ": " + Checkpoint.misplaced(key, mapping.stateDictKeys()));
            }
        });
    }

    /** Refuses settings that had no effect: a family may not have the field, or may derive it from others. */
    private static void requireTaken(Map<String, String> settings, FamilyConfig config) {
        settings.forEach((field, value) -> {
            if (!value.equals(config.fields().get(field))) {
                throw new CheckpointFormatException("--" + field + " is " + value + "; a "
                        + config.family().architecture() + " model has no such choice");
            }
        });
    }

    private static void requirePossible(DType weights, FamilyConfig config) {
        if (weights == DType.W8A8) {
            Scheme.W8A8.requirePossible(config);
        }
    }

    /** If the state dict is that of a nested module, every name is wrong; this is reported as one problem. */
    private static String unknown(Path file, Checkpoint checkpoint, CheckpointMappings mappings) {
        Optional<String> prefix = checkpoint.commonPrefixes().stream()
                .filter(common -> mappings.find(checkpoint.without(common)).isPresent())
                .findFirst();
        if (prefix.isPresent()) {
            return "the names of all " + checkpoint.tensors().size() + " tensors of " + file + " begin with \""
                    + Excerpt.of(prefix.get())
                    + "\", which names of this model do not: save the state dict of the module itself";
        }
        return file + " has no tensor by which a family of models is known; this program converts "
                + mappings.all().stream()
                        .map(mapping -> mapping.family().architecture())
                        .collect(Collectors.joining(", "));
    }

    private static Map<String, Object> fields(Options options, Checkpoint checkpoint, Path beside) {
        Map<String, Object> fields = new LinkedHashMap<>(givenFields(options, checkpoint, beside));
        fields.putAll(options.settings());
        return fields;
    }

    private static Map<String, Object> givenFields(Options options, Checkpoint checkpoint, Path beside) {
        if (options.config().isPresent()) {
            Path file = options.config().get();
            if (!Files.isRegularFile(file)) {
                throw new CheckpointFormatException("there is no config " + file);
            }
            return ConfigFile.read(file);
        }
        if (checkpoint.config().isPresent()) {
            return checkpoint.config().get();
        }
        boolean isSafeTensors = checkpoint.members().isEmpty();
        return isSafeTensors && Files.isRegularFile(beside) ? ConfigFile.read(beside) : Map.of();
    }

    private static String sha256(List<MemorySegment> files) {
        MessageDigest digest = Sha256.digest();
        for (MemorySegment mapped : files) {
            for (long at = 0; at < mapped.byteSize(); at += HASH_CHUNK_BYTES) {
                long length = Math.min(HASH_CHUNK_BYTES, mapped.byteSize() - at);
                digest.update(mapped.asSlice(at, length).asByteBuffer());
            }
        }
        return Sha256.hex(digest);
    }
}

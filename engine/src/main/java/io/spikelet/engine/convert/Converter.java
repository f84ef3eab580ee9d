package io.spikelet.engine.convert;

import io.spikelet.engine.model.ModelConfig;
import io.spikelet.engine.model.ModelManifest;
import io.spikelet.engine.model.Provenance;
import io.spikelet.engine.model.Sha256;
import io.spikelet.engine.model.TensorSpec;
import io.spikelet.engine.model.Variant;
import io.spikelet.engine.tensor.DType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * Converts a released checkpoint ({@code torch.save} archive or safetensors) to a model directory. The checkpoint is
 * mapped, never loaded; heap use does not depend on its size. Stateless.
 */
public final class Converter {
    /** Raised when the same checkpoint would give other bytes. */
    static final String VERSION = "spikelet-convert 1";

    private static final long HASH_CHUNK_BYTES = 1 << 24;

    private Converter() {}

    /**
     * What to convert.
     *
     * @param config upstream {@code config.json}; by default the embedded configuration, or the {@code config.json}
     *     beside a safetensors file, or the defaults of the variant
     * @param weights type of all matrices; {@code FLOAT32} covers the embedding too
     * @param embedding type of the embedding if {@code weights} is {@code INT8}
     * @param variant by default it follows from the tensors
     */
    public record Options(
            Path checkpoint,
            Path output,
            Optional<Path> config,
            Optional<Path> tokenizer,
            DType weights,
            DType embedding,
            Optional<Variant> variant) {
        public Options {
            Objects.requireNonNull(checkpoint);
            Objects.requireNonNull(output);
            Objects.requireNonNull(config);
            Objects.requireNonNull(tokenizer);
            Objects.requireNonNull(weights);
            Objects.requireNonNull(embedding);
            Objects.requireNonNull(variant);
        }

        DType typeOf(TensorSpec spec) {
            return weights == DType.INT8 && spec.name().equals(TensorSpec.EMBEDDING) ? embedding : weights;
        }
    }

    /**
     * Converts; the output directory appears whole or not at all.
     *
     * @param progress receives a line now and then
     * @throws CheckpointFormatException if the checkpoint, its configuration or the tokenizer cannot be used
     * @throws IllegalArgumentException if the output exists
     * @throws UncheckedIOException if a file cannot be read or written
     */
    public static ConversionResult convert(Options options, Consumer<String> progress) {
        ModelOutput.requireAbsent(options.output());
        Path file = options.checkpoint();
        if (!Files.isRegularFile(file)) {
            throw new CheckpointFormatException("there is no checkpoint " + file + "; give a .pt or .safetensors file");
        }
        try (Arena arena = Arena.ofConfined();
                FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            MemorySegment mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
            progress.accept(
                    String.format(Locale.ROOT, "reading %s, %.1f MB", file.getFileName(), mapped.byteSize() / 1e6));
            return convert(options, mapped, progress);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    private static ConversionResult convert(Options options, MemorySegment mapped, Consumer<String> progress) {
        Checkpoint checkpoint = read(options.checkpoint(), mapped);
        ModelConfig config = config(options, checkpoint);
        Optional<TokenizerFile> tokenizer = options.tokenizer().map(TokenizerFile::read);
        tokenizer.ifPresent(read -> read.requireFits(config));
        progress.accept("checking " + checkpoint.tensors().size() + " tensors of a "
                + config.variant().label() + " model");
        CheckpointChecks.check(checkpoint, config, options.checkpoint().toString());
        Provenance provenance =
                new Provenance(options.checkpoint().getFileName().toString(), Optional.of(sha256(mapped)), VERSION);
        ModelManifest manifest = ModelOutput.create(options.output(), directory -> {
            if (tokenizer.isPresent()) {
                tokenizer.get().writeTo(directory);
            }
            return write(directory, checkpoint, config, tokenizer, provenance, options, progress);
        });
        progress.accept("wrote " + options.output());
        return new ConversionResult(options.output(), manifest);
    }

    private static ModelManifest write(
            Path directory,
            Checkpoint checkpoint,
            ModelConfig config,
            Optional<TokenizerFile> tokenizer,
            Provenance provenance,
            Options options,
            Consumer<String> progress)
            throws IOException {
        try (WeightsWriter writer = new WeightsWriter(directory.resolve(ModelManifest.WEIGHTS_FILE))) {
            TensorConverter converter = new TensorConverter(writer);
            List<TensorSpec> specs = TensorSpec.of(config);
            for (int i = 0; i < specs.size(); i++) {
                TensorSpec spec = specs.get(i);
                converter.convert(spec, checkpoint.tensors().get(spec.name()), options.typeOf(spec));
                if ((i + 1) % 50 == 0 || i + 1 == specs.size()) {
                    progress.accept("converted " + (i + 1) + " of " + specs.size() + " tensors");
                }
            }
            writer.finish();
            return new ModelManifest(
                    config,
                    writer.entries(),
                    writer.bytes(),
                    writer.sha256(),
                    tokenizer.map(TokenizerFile::sha256),
                    tokenizer.map(read -> OptionalInt.of(read.pieces())).orElse(OptionalInt.empty()),
                    provenance,
                    converter.quantization());
        }
    }

    private static Checkpoint read(Path file, MemorySegment mapped) {
        if (ZipDirectory.looksLikeZip(mapped)) {
            return TorchCheckpoint.read(mapped, file.toString());
        }
        if (file.getFileName().toString().endsWith(".safetensors")) {
            return SafeTensors.read(mapped, file.toString());
        }
        throw new CheckpointFormatException("cannot read " + file
                + ": it is neither a zip archive of torch.save (1.6 or" + " later) nor called .safetensors");
    }

    private static ModelConfig config(Options options, Checkpoint checkpoint) {
        Variant variant = options.variant()
                .orElse(checkpoint.tensors().containsKey(TensorSpec.PRIOR_WEIGHT) ? Variant.V0_8B : Variant.V194M);
        if (options.config().isPresent()) {
            Path file = options.config().get();
            if (!Files.isRegularFile(file)) {
                throw new CheckpointFormatException("there is no config " + file);
            }
            return ConfigFields.resolve(variant, ConfigFields.read(file));
        }
        if (checkpoint.config().isPresent()) {
            return ConfigFields.resolve(variant, checkpoint.config().get());
        }
        Path beside = options.checkpoint().resolveSibling("config.json");
        boolean isSafeTensors = checkpoint.members().isEmpty();
        return ConfigFields.resolve(
                variant, isSafeTensors && Files.isRegularFile(beside) ? ConfigFields.read(beside) : Map.of());
    }

    private static String sha256(MemorySegment mapped) {
        MessageDigest digest = Sha256.digest();
        for (long at = 0; at < mapped.byteSize(); at += HASH_CHUNK_BYTES) {
            long length = Math.min(HASH_CHUNK_BYTES, mapped.byteSize() - at);
            digest.update(mapped.asSlice(at, length).asByteBuffer());
        }
        return Sha256.hex(digest);
    }
}

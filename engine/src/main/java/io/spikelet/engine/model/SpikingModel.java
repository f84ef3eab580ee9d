package io.spikelet.engine.model;

import io.spikelet.engine.kernel.KernelProvider;
import io.spikelet.engine.kernel.Kernels;
import io.spikelet.engine.token.Tokenizer;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * An opened model directory: the mapped weights as the layers of their family, and the tokenizer if there is one.
 *
 * <p>Immutable and thread-safe: all decoders of a JVM can share one instance. After {@link #close} every decoder of
 * this model fails with {@link IllegalStateException}.
 */
public final class SpikingModel implements AutoCloseable {
    private final Path directory;
    private final MappedWeights weights;
    private final LanguageModel network;
    private final Optional<Tokenizer> tokenizer;
    private final boolean isForShortWork;

    private SpikingModel(
            Path directory,
            MappedWeights weights,
            LanguageModel network,
            Optional<Tokenizer> tokenizer,
            boolean isForShortWork) {
        this.directory = directory;
        this.weights = weights;
        this.network = network;
        this.tokenizer = tokenizer;
        this.isForShortWork = isForShortWork;
    }

    /**
     * Maps a model directory.
     *
     * @param families known to this program
     * @throws ModelFormatException if it is not a valid model directory
     * @throws UncheckedIOException if a file cannot be read
     */
    public static SpikingModel open(Path directory, ModelFamilies families) {
        MappedWeights weights = MappedWeights.map(directory, families);
        try {
            LanguageModel network = weights.manifest().config().open(weights);
            return new SpikingModel(directory, weights, network, loadTokenizer(directory, weights.manifest()), false);
        } catch (RuntimeException e) {
            weights.close();
            throw e;
        }
    }

    /**
     * This model with other settings. Both share the mapped weights, so closing one closes both.
     *
     * @throws IllegalArgumentException if the model has no such part, or no such cache
     */
    public SpikingModel with(ModelSettings settings) {
        settings.apply(config());
        LanguageModel changed = settings.ablations().isEmpty() ? network : network.ablated(settings.ablations());
        if (settings.keyValueCache() != null) {
            changed = changed.withKeyValueCache(settings.keyValueCache());
        }
        return new SpikingModel(directory, weights, changed, tokenizer, isForShortWork);
    }

    /**
     * This model for work that ends before the fastest kernels would be compiled. The results are the same. Both share the
     * mapped weights, so closing one closes both.
     */
    public SpikingModel forShortWork() {
        return new SpikingModel(directory, weights, network, tokenizer, true);
    }

    /** The kernels of this model's decoders. */
    public Kernels kernels() {
        return isForShortWork ? KernelProvider.withoutWarmUp() : KernelProvider.kernels();
    }

    /**
     * Checks the files against the manifest, once for the model under all settings. Call it after a result that an
     * intact model cannot compute.
     *
     * @throws DamagedModelError if the files differ from the converted ones
     */
    public void requireIntact() {
        weights.requireIntact(directory);
    }

    /** The manifest's configuration, under the settings of this model. */
    public FamilyConfig config() {
        return network.config();
    }

    public ModelManifest manifest() {
        return weights.manifest();
    }

    public Path directory() {
        return directory;
    }

    /** The layers. */
    public LanguageModel network() {
        return network;
    }

    /** The directory's tokenizer, if it has one. */
    public Optional<Tokenizer> tokenizer() {
        return tokenizer;
    }

    @Override
    public void close() {
        weights.close();
    }

    private static Optional<Tokenizer> loadTokenizer(Path directory, ModelManifest manifest) {
        return ModelVerifier.verifyTokenizer(directory, manifest)
                .map(files -> files.tokenizer(manifest.config().specialTokens()));
    }
}

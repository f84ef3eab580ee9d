package io.spikelet.engine.model;

import io.spikelet.engine.family.symboliclight.Block;
import io.spikelet.engine.family.symboliclight.LayerNorm;
import io.spikelet.engine.family.symboliclight.OutputHead;
import io.spikelet.engine.family.symboliclight.SlidingWindowAttention;
import io.spikelet.engine.family.symboliclight.SpikeEncoder;
import io.spikelet.engine.family.symboliclight.SpikingFeedForward;
import io.spikelet.engine.family.symboliclight.TcamDecay;
import io.spikelet.engine.tensor.Matrix;
import io.spikelet.engine.token.Tokenizer;
import io.spikelet.engine.token.sentencepiece.SentencePieceTokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * An opened model directory: mapped weights arranged as layers, and the tokenizer if there is one.
 *
 * <p>Immutable and thread-safe: one per JVM serves all its decoders. After {@link #close} every decoder of it fails with
 * {@link IllegalStateException}.
 */
public final class SpikingModel implements AutoCloseable {
    private static final float PRIOR_WEIGHT_194M = 0.1f; // a constant of that variant's code, not a tensor

    private final Path directory;
    private final MappedWeights weights;
    private final SpikeEncoder encoder;
    private final List<Block> blocks;
    private final OutputHead head;
    private final float[] inverseFrequencies;
    private final Optional<Tokenizer> tokenizer;

    private SpikingModel(Path directory, MappedWeights weights) {
        this.directory = directory;
        this.weights = weights;
        ModelConfig config = config();
        this.encoder = new SpikeEncoder(
                weights.matrix(TensorSpec.EMBEDDING),
                norm("spike_encoder.norm"),
                config.leakFactor(),
                config.spikeThreshold(),
                false);
        this.blocks = new ArrayList<>();
        for (int layer = 0; layer < config.layers(); layer++) {
            blocks.add(block(config, "blocks." + layer + "."));
        }
        this.head = head(config);
        this.inverseFrequencies = config.sparseAttention()
                ? weights.vector("blocks.0.tcam.sparse_attn.rope.inv_freq")
                : new float[config.headDim() / 2];
        this.tokenizer = loadTokenizer();
    }

    /** A model with some parts silenced or replaced. */
    private SpikingModel(SpikingModel whole, Set<Ablation> ablations) {
        this.directory = whole.directory;
        this.weights = whole.weights;
        this.encoder = new SpikeEncoder(
                whole.encoder.embedding(),
                whole.encoder.norm(),
                whole.encoder.leak(),
                whole.encoder.threshold(),
                ablations.contains(Ablation.LIF_TOP_K));
        this.blocks = whole.blocks.stream()
                .map(block ->
                        block.silenced(ablations.contains(Ablation.DECAY), ablations.contains(Ablation.ATTENTION)))
                .toList();
        this.head = ablations.contains(Ablation.PRIOR) ? whole.head.withoutPrior() : whole.head;
        this.inverseFrequencies = whole.inverseFrequencies;
        this.tokenizer = whole.tokenizer;
    }

    /**
     * Maps a model directory.
     *
     * @throws ModelFormatException if it is not a valid one
     * @throws UncheckedIOException if a file cannot be read
     */
    public static SpikingModel open(Path directory) {
        MappedWeights weights = MappedWeights.map(directory);
        try {
            return new SpikingModel(directory, weights);
        } catch (RuntimeException e) {
            weights.close();
            throw e;
        }
    }

    /**
     * This model with parts silenced or replaced. It shares the mapped weights: closing one of the two closes both.
     *
     * @throws IllegalArgumentException if the model has no such part
     */
    public SpikingModel ablated(Set<Ablation> ablations) {
        Ablation.requirePossible(ablations, config());
        return new SpikingModel(this, ablations);
    }

    public ModelConfig config() {
        return weights.manifest().config();
    }

    public ModelManifest manifest() {
        return weights.manifest();
    }

    public Path directory() {
        return directory;
    }

    /** The directory's tokenizer, if it has one. */
    public Optional<Tokenizer> tokenizer() {
        return tokenizer;
    }

    /** Token ids to spikes. */
    public SpikeEncoder encoder() {
        return encoder;
    }

    /** The blocks in order. */
    public List<Block> blocks() {
        return blocks;
    }

    /** Residual to logits. */
    public OutputHead head() {
        return head;
    }

    /** RoPE frequencies {@code [headDim / 2]} as the checkpoint stored them. */
    public float[] inverseFrequencies() {
        return inverseFrequencies.clone();
    }

    @Override
    public void close() {
        weights.close();
    }

    private Block block(ModelConfig config, String prefix) {
        String tcam = prefix + "tcam.";
        TcamDecay memory = new TcamDecay(weights.matrix(tcam + "tcam_proj.weight"), weights.vector(tcam + "decay_raw"));
        Optional<SlidingWindowAttention> attention = Optional.empty();
        float gate = 0f;
        if (config.sparseAttention()) {
            gate = weights.vector(tcam + "attn_gate")[0];
            attention = Optional.of(new SlidingWindowAttention(
                    weights.matrix(tcam + "sparse_attn.q_proj.weight"),
                    weights.matrix(tcam + "sparse_attn.k_proj.weight"),
                    weights.matrix(tcam + "sparse_attn.v_proj.weight"),
                    config.heads(),
                    config.headDim()));
        }
        SpikingFeedForward feedForward = new SpikingFeedForward(
                weights.matrix(prefix + "ffn.up.weight"),
                weights.matrix(prefix + "ffn.down.weight"),
                norm(prefix + "ffn.norm"),
                config.spikeThreshold());
        Matrix output = weights.matrix(tcam + "out_proj.weight");
        return new Block(memory, attention, gate, output, norm(tcam + "norm"), feedForward);
    }

    private OutputHead head(ModelConfig config) {
        Matrix output = weights.matrix("output_head.output_proj.weight");
        float weight =
                config.variant() == Variant.V0_8B ? weights.vector(TensorSpec.PRIOR_WEIGHT)[0] : PRIOR_WEIGHT_194M;
        return config.dynamicPrior()
                ? OutputHead.dynamic(
                        output,
                        weight,
                        weights.matrix("output_head.prior_net.0.weight"),
                        weights.matrix("output_head.prior_net.2.weight"))
                : OutputHead.fixed(output, weight, weights.vector("output_head.log_prior"));
    }

    private LayerNorm norm(String prefix) {
        return new LayerNorm(weights.vector(prefix + ".weight"), weights.vector(prefix + ".bias"));
    }

    private Optional<Tokenizer> loadTokenizer() {
        Path file = directory.resolve(ModelManifest.TOKENIZER_FILE);
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(SentencePieceTokenizer.load(file));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }
}

package io.spikelet.engine.family.symboliclight;

import io.spikelet.engine.kernel.Kernels;
import io.spikelet.engine.model.Ablation;
import io.spikelet.engine.model.FamilyConfig;
import io.spikelet.engine.model.ForwardPass;
import io.spikelet.engine.model.KeyValueType;
import io.spikelet.engine.model.LanguageModel;
import io.spikelet.engine.model.MappedWeights;
import io.spikelet.engine.model.ModelFormatException;
import io.spikelet.engine.tensor.Matrix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The layers of a model over its mapped weights. Immutable and thread-safe. */
final class SymbolicLightModel implements LanguageModel {
    private static final float PRIOR_WEIGHT_194M = 0.1f; // a constant of that variant's code, not a tensor

    private final SymbolicLightConfig config;
    private final SpikeEncoder encoder;
    private final List<Block> blocks;
    private final OutputHead head;
    private final float[] inverseFrequencies; // (headDim / 2)

    private SymbolicLightModel(
            SymbolicLightConfig config,
            SpikeEncoder encoder,
            List<Block> blocks,
            OutputHead head,
            float[] inverseFrequencies) {
        this.config = config;
        this.encoder = encoder;
        this.blocks = List.copyOf(blocks);
        this.head = head;
        this.inverseFrequencies = inverseFrequencies;
    }

    static SymbolicLightModel open(SymbolicLightConfig config, MappedWeights weights) {
        SpikeEncoder encoder = new SpikeEncoder(
                weights.matrix(SymbolicLightTensors.EMBEDDING),
                norm(weights, "spike_encoder.norm"),
                config.leakFactor(),
                config.spikeThreshold(),
                false);
        List<Block> blocks = new ArrayList<>();
        for (int layer = 0; layer < config.layers(); layer++) {
            blocks.add(block(config, weights, SymbolicLightTensors.block(layer)));
        }
        return new SymbolicLightModel(config, encoder, blocks, head(config, weights), frequencies(config, weights));
    }

    @Override
    public FamilyConfig config() {
        return config;
    }

    @Override
    public LanguageModel ablated(Set<Ablation> ablations) {
        Set<SymbolicLightAblation> parts = SymbolicLightAblation.of(ablations);
        SpikeEncoder forgetful = new SpikeEncoder(
                encoder.embedding(),
                encoder.norm(),
                encoder.leak(),
                encoder.threshold(),
                parts.contains(SymbolicLightAblation.LIF_TOP_K));
        boolean noDecay = parts.contains(SymbolicLightAblation.DECAY);
        boolean noAttention = parts.contains(SymbolicLightAblation.ATTENTION);
        List<Block> silenced = blocks.stream()
                .map(block -> block.silenced(noDecay, noAttention))
                .toList();
        OutputHead plain = parts.contains(SymbolicLightAblation.PRIOR) ? head.withoutPrior() : head;
        return new SymbolicLightModel(config, forgetful, silenced, plain, inverseFrequencies);
    }

    @Override
    public LanguageModel withKeyValueCache(KeyValueType type) {
        return new SymbolicLightModel(config.withKeyValueCache(type), encoder, blocks, head, inverseFrequencies);
    }

    @Override
    public ForwardPass newPass(int maxColumns, int vocabulary, Kernels kernels) {
        Rope rope = new Rope(inverseFrequencies, config.maxSeqLen(), maxColumns);
        return new SymbolicLightPass(config, encoder, blocks, head, rope, maxColumns, vocabulary, kernels);
    }

    /** All blocks use one table of angles, so their frequencies must be equal. */
    private static float[] frequencies(SymbolicLightConfig config, MappedWeights weights) {
        if (!config.sparseAttention()) {
            return new float[config.headDim() / 2];
        }
        float[] first = weights.vector(SymbolicLightTensors.block(0) + SymbolicLightTensors.FREQUENCIES);
        for (int layer = 1; layer < config.layers(); layer++) {
            String name = SymbolicLightTensors.block(layer) + SymbolicLightTensors.FREQUENCIES;
            int place = Arrays.mismatch(first, weights.vector(name));
            if (place >= 0) {
                throw new ModelFormatException(name + ": element " + place + " is " + weights.vector(name)[place]
                        + ", in block 0 it is " + first[place] + "; this program runs models whose blocks share their"
                        + " rotary frequencies");
            }
        }
        return first;
    }

    private static Block block(SymbolicLightConfig config, MappedWeights weights, String prefix) {
        String tcam = prefix + "tcam.";
        TcamDecay memory =
                new TcamDecay(weights.matrix(prefix + SymbolicLightTensors.DECAY), weights.vector(tcam + "decay_raw"));
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
                weights.matrix(prefix + SymbolicLightTensors.DOWN),
                norm(weights, prefix + "ffn.norm"),
                config.spikeThreshold());
        Matrix output = weights.matrix(tcam + "out_proj.weight");
        return new Block(memory, attention, gate, output, norm(weights, tcam + "norm"), feedForward);
    }

    private static OutputHead head(SymbolicLightConfig config, MappedWeights weights) {
        Matrix output = weights.matrix("output_head.output_proj.weight");
        float weight = config.release() == Variant.V0_8B
                ? weights.vector(SymbolicLightTensors.PRIOR_WEIGHT)[0]
                : PRIOR_WEIGHT_194M;
        return config.dynamicPrior()
                ? OutputHead.dynamic(
                        output,
                        weight,
                        weights.matrix("output_head.prior_net.0.weight"),
                        weights.matrix("output_head.prior_net.2.weight"))
                : OutputHead.fixed(output, weight, weights.vector("output_head.log_prior"));
    }

    private static LayerNorm norm(MappedWeights weights, String prefix) {
        return new LayerNorm(weights.vector(prefix + ".weight"), weights.vector(prefix + ".bias"));
    }
}

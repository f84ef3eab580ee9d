package io.spikelet.engine.family.spikegpt;

import io.spikelet.engine.kernel.Kernels;
import io.spikelet.engine.model.Ablation;
import io.spikelet.engine.model.ForwardPass;
import io.spikelet.engine.model.LanguageModel;
import io.spikelet.engine.model.MappedWeights;
import io.spikelet.engine.tensor.Matrix;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The layers of a model over its mapped weights. Immutable and thread-safe. */
record SpikeGptModel(SpikeGptConfig config, Embedding embedding, List<Block> blocks, Norm norm, Matrix head)
        implements LanguageModel {
    SpikeGptModel {
        blocks = List.copyOf(blocks);
    }

    static SpikeGptModel open(SpikeGptConfig config, MappedWeights weights) {
        List<Block> blocks = new ArrayList<>();
        for (int layer = 0; layer < config.layers(); layer++) {
            blocks.add(new Block(
                    layer, config, timeMixing(config, weights, layer), channelMixing(config, weights, layer)));
        }
        return new SpikeGptModel(
                config,
                Embedding.of(config, weights),
                blocks,
                Norm.of(weights, SpikeGptTensors.LAST_NORM, config.epsilon()),
                weights.matrix(SpikeGptTensors.HEAD));
    }

    private static Block.TimeMixing timeMixing(SpikeGptConfig config, MappedWeights weights, int layer) {
        String block = SpikeGptTensors.block(layer);
        int vector = RecurrentState.TIME_INPUT;
        return new Block.TimeMixing(
                Norm.of(weights, block + "ln1.", config.epsilon()),
                new TokenShift(layer, vector, weights.vector(block + "att.time_mix_k")),
                new TokenShift(layer, vector, weights.vector(block + "att.time_mix_v")),
                new TokenShift(layer, vector, weights.vector(block + "att.time_mix_r")),
                decay(weights.vector(block + "att.time_decay")),
                weights.vector(block + "att.time_first"),
                weights.matrix(block + "att.key.weight"),
                weights.matrix(block + "att.value.weight"),
                weights.matrix(block + "att.receptance.weight"),
                weights.matrix(block + "att.output.weight"),
                neurons(config, weights, layer, RecurrentState.MEMBRANE1, "lif1."));
    }

    private static Block.ChannelMixing channelMixing(SpikeGptConfig config, MappedWeights weights, int layer) {
        String block = SpikeGptTensors.block(layer);
        int vector = RecurrentState.CHANNEL_INPUT;
        return new Block.ChannelMixing(
                Norm.of(weights, block + "ln2.", config.epsilon()),
                new TokenShift(layer, vector, weights.vector(block + "ffn.time_mix_k")),
                new TokenShift(layer, vector, weights.vector(block + "ffn.time_mix_r")),
                weights.matrix(block + SpikeGptTensors.FFN_KEY),
                weights.matrix(block + "ffn.receptance.weight"),
                weights.matrix(block + SpikeGptTensors.FFN_VALUE),
                neurons(config, weights, layer, RecurrentState.MEMBRANE2, "lif2."));
    }

    private static NeuronBank neurons(
            SpikeGptConfig config, MappedWeights weights, int layer, int vector, String bank) {
        if (!config.learnable()) {
            return new NeuronBank(
                    layer, vector, config.tau(), config.threshold(), config.softReset(), config.decayInput());
        }
        String name = SpikeGptTensors.block(layer) + bank;
        return NeuronBank.learned(
                config, layer, vector, weights.vector(name + "log_tau")[0], weights.vector(name + "log_threshold")[0]);
    }

    private static float[] decay(float[] logs) {
        for (int i = 0; i < logs.length; i++) {
            logs[i] = -(float) StrictMath.exp(logs[i]);
        }
        return logs;
    }

    /** This family has no ablations; the configuration has already refused every request for one. */
    @Override
    public LanguageModel ablated(Set<Ablation> ablations) {
        return this;
    }

    @Override
    public ForwardPass newPass(int maxColumns, int vocabulary, Kernels kernels) {
        return new SpikeGptPass(this, maxColumns, vocabulary, kernels);
    }
}

package io.spikelet.engine.family.bispikclm;

import io.spikelet.engine.kernel.HeadBits;
import io.spikelet.engine.kernel.Kernels;
import io.spikelet.engine.model.Ablation;
import io.spikelet.engine.model.ForwardPass;
import io.spikelet.engine.model.LanguageModel;
import io.spikelet.engine.model.MappedWeights;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The layers of a model over its mapped weights. Immutable and thread-safe. */
record BispikclmModel(BispikclmConfig config, InputCurrent input, List<Block> blocks, OutputHead head)
        implements LanguageModel {
    BispikclmModel {
        blocks = List.copyOf(blocks);
    }

    static BispikclmModel open(BispikclmConfig config, MappedWeights weights) {
        Neurons neurons = Neurons.of(config);
        InputCurrent input = new InputCurrent(
                config, neurons, weights.matrix(BispikclmTensors.TOKENS), weights.matrix(BispikclmTensors.POSITIONS));
        List<Block> blocks = new ArrayList<>();
        for (int layer = 0; layer < config.layers(); layer++) {
            blocks.add(block(config, weights, neurons, layer));
        }
        float factor = (float) Math.exp(weights.vector(BispikclmTensors.LOG_SCALE)[0]);
        OutputHead head = new OutputHead(config, folded(weights, BispikclmTensors.HEAD), factor);
        return new BispikclmModel(config, input, blocks, head);
    }

    private static Block block(BispikclmConfig config, MappedWeights weights, Neurons neurons, int layer) {
        String block = BispikclmTensors.layer(layer);
        boolean norm = config.layerNorm();
        List<Linear> qkv = BispikclmTensors.QKV.stream()
                .map(name -> linear(weights, block + name, norm, config.attentionBias()))
                .toList();
        return new Block(
                layer,
                config,
                neurons,
                qkv.get(0),
                qkv.get(1),
                qkv.get(2),
                new BinaryAttention(layer, config, neurons, new HeadBits(config.heads(), config.headDim())),
                linear(weights, block + BispikclmTensors.OUT, false, config.attentionBias()),
                linear(weights, block + BispikclmTensors.FC1, norm, config.mlpBias()),
                linear(weights, block + BispikclmTensors.FC2, false, config.mlpBias()));
    }

    private static Linear linear(MappedWeights weights, String name, boolean folded, boolean biased) {
        if (folded) {
            return folded(weights, name);
        }
        float[] bias = biased ? weights.vector(BispikclmTensors.bias(name)) : null;
        return new Linear(weights.matrix(BispikclmTensors.weight(name)), null, bias);
    }

    private static Linear folded(MappedWeights weights, String name) {
        return new Linear(
                weights.matrix(BispikclmTensors.weight(name)),
                weights.vector(BispikclmTensors.codeSums(name)),
                weights.vector(BispikclmTensors.constants(name)));
    }

    /** This family has no ablations; the configuration has already refused every request for one. */
    @Override
    public LanguageModel ablated(Set<Ablation> ablations) {
        return this;
    }

    @Override
    public ForwardPass newPass(int maxColumns, int vocabulary, Kernels kernels) {
        return new BispikclmPass(this, maxColumns, vocabulary, kernels);
    }
}

package io.spikelet.engine.family.bispikclm;

import io.spikelet.engine.model.DenseTwin;
import io.spikelet.engine.model.SpikeProduct;
import io.spikelet.engine.model.TensorSpec;
import io.spikelet.engine.model.TensorSpec.Role;
import io.spikelet.engine.tensor.Layout;
import java.util.ArrayList;
import java.util.List;

/**
 * The tensors of a model directory. A linear layer keeps its name in the checkpoint. After a LayerNorm, its weight is
 * the folded one, and the row sums and folded biases are stored with it.
 */
final class BispikclmTensors {
    static final String TOKENS = "model.token_embedding.weight";
    static final String POSITIONS = "model.position_embeddings.weight";
    static final String HEAD = "head";
    static final String LOG_SCALE = "readout_log_scale";

    static final List<String> QKV = List.of("attention.q_proj", "attention.k_proj", "attention.v_proj");
    static final String OUT = "attention.out_proj";
    static final String FC1 = "mlp.fc1";
    static final String FC2 = "mlp.fc2";

    private static final String WEIGHT = ".weight";

    private BispikclmTensors() {}

    static String layer(int layer) {
        return "model.layers." + layer + ".";
    }

    static String weight(String linear) {
        return linear + WEIGHT;
    }

    /** Name of the row sums of a folded weight. */
    static String codeSums(String linear) {
        return linear + ".codesum";
    }

    /** Name of the constants that the LayerNorm's bias and the linear layer's own bias add to each output. */
    static String constants(String linear) {
        return linear + ".const";
    }

    static String bias(String linear) {
        return linear + ".bias";
    }

    static List<TensorSpec> of(BispikclmConfig config) {
        int width = config.width();
        List<TensorSpec> specs = new ArrayList<>();
        specs.add(TensorSpec.matrix(TOKENS, config.vocabSize(), width, Layout.ROW_MAJOR)
                .as(Role.EMBEDDING));
        specs.add(TensorSpec.matrix(POSITIONS, config.maxPositions(), width, Layout.ROW_MAJOR));
        for (int layer = 0; layer < config.layers(); layer++) {
            addBlock(specs, config, layer);
        }
        // The token embedding folded with the final norm: stored a second time, but not trained separately.
        specs.add(TensorSpec.matrix(weight(HEAD), config.vocabSize(), width, Layout.PANEL)
                .as(Role.HEAD));
        specs.add(TensorSpec.vector(codeSums(HEAD), config.vocabSize()).as(Role.BUFFER));
        specs.add(TensorSpec.vector(constants(HEAD), config.vocabSize()).as(Role.BUFFER));
        specs.add(new TensorSpec(LOG_SCALE, List.of(), Layout.VECTOR, Role.HEAD));
        return List.copyOf(specs);
    }

    private static void addBlock(List<TensorSpec> specs, BispikclmConfig config, int layer) {
        int width = config.width();
        String block = layer(layer);
        StreamKind attention = config.attentionInput(layer);
        for (String linear : QKV) {
            addLinear(specs, block + linear, width, width, attention, config.layerNorm(), config.attentionBias());
        }
        addLinear(specs, block + OUT, width, width, StreamKind.INTEGER, false, config.attentionBias());
        StreamKind mlp = config.mlpInput(layer);
        addLinear(specs, block + FC1, config.hidden(), width, mlp, config.layerNorm(), config.mlpBias());
        addLinear(specs, block + FC2, width, config.hidden(), StreamKind.BITS, false, config.mlpBias());
    }

    private static void addLinear(
            List<TensorSpec> specs,
            String linear,
            int outputs,
            int inputs,
            StreamKind input,
            boolean folded,
            boolean biased) {
        Layout layout = input.isInteger() ? Layout.INPUT_MAJOR : Layout.PANEL;
        specs.add(TensorSpec.matrix(weight(linear), outputs, inputs, layout));
        if (folded) {
            specs.add(TensorSpec.vector(codeSums(linear), outputs).as(Role.BUFFER));
            specs.add(TensorSpec.vector(constants(linear), outputs));
        } else if (biased) {
            specs.add(TensorSpec.vector(bias(linear), outputs));
        }
    }

    /** The dense twin: every linear layer and the head. */
    static DenseTwin denseTwin(BispikclmConfig config) {
        List<TensorSpec> matrices = of(config).stream()
                .filter(spec -> spec.isMatrix() && spec.layout() != Layout.ROW_MAJOR)
                .toList();
        return new DenseTwin(matrices, config.steps());
    }

    /** The products whose input is one bank of neurons; products of sums of several banks are not included. */
    static List<SpikeProduct> spikeProducts(BispikclmConfig config) {
        List<SpikeProduct> products = new ArrayList<>();
        for (int layer = 0; layer < config.layers(); layer++) {
            String block = layer(layer);
            if (config.attentionInput(layer) == StreamKind.BITS) {
                String bank = layer == 0 ? Bank.INPUT : Bank.BLOCK_OUTPUT.label();
                int from = Math.max(0, layer - 1);
                QKV.forEach(linear -> products.add(new SpikeProduct(weight(block + linear), bank, from)));
            }
            if (config.contextSpike()) {
                products.add(new SpikeProduct(weight(block + OUT), Bank.CONTEXT.label(), layer));
            }
            if (config.residualSpike()) {
                products.add(new SpikeProduct(weight(block + FC1), Bank.RESIDUAL.label(), layer));
            }
            products.add(new SpikeProduct(weight(block + FC2), Bank.HIDDEN.label(), layer));
        }
        return List.copyOf(products);
    }
}

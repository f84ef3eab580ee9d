package io.spikelet.engine.model;

import io.spikelet.engine.tensor.Layout;
import java.util.ArrayList;
import java.util.List;

/**
 * One tensor that a model of a given configuration must have.
 *
 * @param name upstream state-dict key
 * @param shape logical shape; {@code [outputs, inputs]} for a matrix, empty for a scalar
 * @param layout how it is stored; it follows from the kind of input the matrix multiplies
 */
public record TensorSpec(String name, List<Integer> shape, Layout layout) {
    /** Key of the embedding, which has its own precision option. */
    public static final String EMBEDDING = "spike_encoder.frontend.text_embedding.weight";

    /** Key of the learned prior weight, which only the 0.8B variant has. */
    public static final String PRIOR_WEIGHT = "output_head.prior_weight";

    public TensorSpec {
        shape = List.copyOf(shape);
    }

    /** All tensors of a model, in the order in which they are stored: encoder, blocks, head. */
    public static List<TensorSpec> of(ModelConfig config) {
        int width = config.embedDim();
        List<TensorSpec> specs = new ArrayList<>();
        specs.add(new TensorSpec(EMBEDDING, List.of(config.vocabSize(), width), Layout.ROW_MAJOR));
        addNorm(specs, "spike_encoder.norm", width);
        for (int layer = 0; layer < config.layers(); layer++) {
            addBlock(specs, "blocks." + layer + ".", config);
        }
        addHead(specs, config);
        return List.copyOf(specs);
    }

    /** Whether this is a matrix; everything else is a float32 vector or scalar. */
    public boolean isMatrix() {
        return layout != Layout.VECTOR;
    }

    private static void addBlock(List<TensorSpec> specs, String block, ModelConfig config) {
        int width = config.embedDim();
        String tcam = block + "tcam.";
        specs.add(vector(tcam + "decay_raw", config.heads()));
        if (config.sparseAttention() || config.variant() == Variant.V0_8B) {
            specs.add(vector(tcam + "attn_gate", 1));
        }
        specs.add(matrix(tcam + "tcam_proj.weight", width, width, Layout.INPUT_MAJOR));
        if (config.sparseAttention()) {
            String attention = tcam + "sparse_attn.";
            specs.add(matrix(attention + "q_proj.weight", width, width, Layout.PANEL));
            specs.add(matrix(attention + "k_proj.weight", width, width, Layout.PANEL));
            specs.add(matrix(attention + "v_proj.weight", width, width, Layout.PANEL));
            specs.add(vector(attention + "rope.inv_freq", config.headDim() / 2));
        }
        specs.add(matrix(tcam + "out_proj.weight", width, width, Layout.PANEL));
        addNorm(specs, tcam + "norm", width);
        specs.add(matrix(block + "ffn.up.weight", config.intermediateDim(), width, Layout.PANEL));
        specs.add(matrix(block + "ffn.down.weight", width, config.intermediateDim(), Layout.INPUT_MAJOR));
        addNorm(specs, block + "ffn.norm", width);
    }

    private static void addHead(List<TensorSpec> specs, ModelConfig config) {
        int vocabulary = config.vocabSize();
        specs.add(matrix("output_head.output_proj.weight", vocabulary, config.embedDim(), Layout.PANEL));
        if (config.dynamicPrior()) {
            int bottleneck = config.priorDim();
            specs.add(matrix("output_head.prior_net.0.weight", bottleneck, config.embedDim(), Layout.PANEL));
            specs.add(matrix("output_head.prior_net.2.weight", vocabulary, bottleneck, Layout.PANEL));
        } else {
            specs.add(vector("output_head.log_prior", vocabulary));
        }
        if (config.variant() == Variant.V0_8B) {
            specs.add(new TensorSpec(PRIOR_WEIGHT, List.of(), Layout.VECTOR));
        }
    }

    private static void addNorm(List<TensorSpec> specs, String prefix, int width) {
        specs.add(vector(prefix + ".weight", width));
        specs.add(vector(prefix + ".bias", width));
    }

    private static TensorSpec matrix(String name, int outputs, int inputs, Layout layout) {
        return new TensorSpec(name, List.of(outputs, inputs), layout);
    }

    private static TensorSpec vector(String name, int length) {
        return new TensorSpec(name, List.of(length), Layout.VECTOR);
    }
}

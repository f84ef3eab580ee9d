package io.spikelet.engine.family.symboliclight;

import static io.spikelet.engine.model.TensorSpec.matrix;
import static io.spikelet.engine.model.TensorSpec.vector;

import io.spikelet.engine.model.TensorSpec;
import io.spikelet.engine.model.TensorSpec.Role;
import io.spikelet.engine.tensor.Layout;
import java.util.ArrayList;
import java.util.List;

/**
 * The tensors of a model, named by their upstream keys: matrices with continuous inputs are stored in panels, those
 * with spike inputs input-major.
 */
public final class SymbolicLightTensors {
    /** Key of the embedding. */
    public static final String EMBEDDING = "spike_encoder.frontend.text_embedding.weight";

    /** Key of the learned prior weight, which only the 0.8B variant has. */
    static final String PRIOR_WEIGHT = "output_head.prior_weight";

    /** Within a block: the projection of the decay path. */
    static final String DECAY = "tcam.tcam_proj.weight";

    /** Within a block: the second matrix of the feed-forward. */
    static final String DOWN = "ffn.down.weight";

    /** Within a block: the frequencies of its rotary positions. */
    static final String FREQUENCIES = "tcam.sparse_attn.rope.inv_freq";

    private SymbolicLightTensors() {}

    /** Prefix of the keys of a block. */
    static String block(int layer) {
        return "blocks." + layer + ".";
    }

    /** All tensors of a model, in the order in which they are stored: encoder, blocks, head. */
    static List<TensorSpec> of(SymbolicLightConfig config) {
        int width = config.embedDim();
        List<TensorSpec> specs = new ArrayList<>();
        specs.add(matrix(EMBEDDING, config.vocabSize(), width, Layout.ROW_MAJOR).as(Role.EMBEDDING));
        addNorm(specs, "spike_encoder.norm", width);
        for (int layer = 0; layer < config.layers(); layer++) {
            addBlock(specs, block(layer), config);
        }
        addHead(specs, config);
        return List.copyOf(specs);
    }

    private static void addBlock(List<TensorSpec> specs, String block, SymbolicLightConfig config) {
        int width = config.embedDim();
        String tcam = block + "tcam.";
        specs.add(vector(tcam + "decay_raw", config.heads()));
        if (config.sparseAttention() || config.release() == Variant.V0_8B) {
            specs.add(vector(tcam + "attn_gate", 1));
        }
        specs.add(matrix(block + DECAY, width, width, Layout.INPUT_MAJOR));
        if (config.sparseAttention()) {
            String attention = tcam + "sparse_attn.";
            specs.add(matrix(attention + "q_proj.weight", width, width, Layout.PANEL));
            specs.add(matrix(attention + "k_proj.weight", width, width, Layout.PANEL));
            specs.add(matrix(attention + "v_proj.weight", width, width, Layout.PANEL));
            specs.add(vector(block + FREQUENCIES, config.headDim() / 2).as(Role.BUFFER));
        }
        specs.add(matrix(tcam + "out_proj.weight", width, width, Layout.PANEL));
        addNorm(specs, tcam + "norm", width);
        specs.add(matrix(block + "ffn.up.weight", config.intermediateDim(), width, Layout.PANEL));
        specs.add(matrix(block + DOWN, width, config.intermediateDim(), Layout.INPUT_MAJOR));
        addNorm(specs, block + "ffn.norm", width);
    }

    private static void addHead(List<TensorSpec> specs, SymbolicLightConfig config) {
        List<TensorSpec> head = new ArrayList<>();
        int vocabulary = config.vocabSize();
        head.add(matrix("output_head.output_proj.weight", vocabulary, config.embedDim(), Layout.PANEL));
        if (config.dynamicPrior()) {
            int bottleneck = config.priorDim();
            head.add(matrix("output_head.prior_net.0.weight", bottleneck, config.embedDim(), Layout.PANEL));
            head.add(matrix("output_head.prior_net.2.weight", vocabulary, bottleneck, Layout.PANEL));
        } else {
            head.add(vector("output_head.log_prior", vocabulary));
        }
        if (config.release() == Variant.V0_8B) {
            head.add(new TensorSpec(PRIOR_WEIGHT, List.of(), Layout.VECTOR, Role.HEAD));
        }
        head.forEach(spec -> specs.add(spec.as(Role.HEAD)));
    }

    private static void addNorm(List<TensorSpec> specs, String prefix, int width) {
        specs.add(vector(prefix + ".weight", width));
        specs.add(vector(prefix + ".bias", width));
    }
}

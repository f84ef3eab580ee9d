package io.spikelet.engine.family.spikegpt;

import io.spikelet.engine.model.TensorSpec;
import io.spikelet.engine.model.TensorSpec.Role;
import io.spikelet.engine.tensor.Layout;
import java.util.ArrayList;
import java.util.List;

/** The tensors of a model, named as in the checkpoint. Every product has a continuous input. */
final class SpikeGptTensors {
    static final String EMBEDDING = "emb.weight";
    static final String HEAD = "head.weight";
    static final String FIRST_NORM = "blocks.0.ln0.";
    static final String LAST_NORM = "ln_out.";

    static final List<String> NORMS = List.of("ln1.", "ln2.");
    static final List<String> TIMES = List.of("att.time_decay", "att.time_first");
    static final List<String> MIXES =
            List.of("att.time_mix_k", "att.time_mix_v", "att.time_mix_r", "ffn.time_mix_k", "ffn.time_mix_r");
    static final List<String> SQUARES = List.of(
            "att.key.weight",
            "att.value.weight",
            "att.receptance.weight",
            "att.output.weight",
            "ffn.receptance.weight");
    static final String FFN_KEY = "ffn.key.weight";
    static final String FFN_VALUE = "ffn.value.weight";
    static final List<String> NEURONS =
            List.of("lif1.log_tau", "lif1.log_threshold", "lif2.log_tau", "lif2.log_threshold");

    private SpikeGptTensors() {}

    static String block(int layer) {
        return "blocks." + layer + ".";
    }

    static List<TensorSpec> of(SpikeGptConfig config) {
        int width = config.width();
        List<TensorSpec> specs = new ArrayList<>();
        Layout rows = config.profile().isBinary() ? Layout.BIT_ROWS : Layout.ROW_MAJOR;
        specs.add(TensorSpec.matrix(EMBEDDING, config.vocabSize(), width, rows).as(Role.EMBEDDING));
        addNorm(specs, FIRST_NORM, width);
        for (int layer = 0; layer < config.layers(); layer++) {
            String block = block(layer);
            NORMS.forEach(norm -> addNorm(specs, block + norm, width));
            TIMES.forEach(name -> specs.add(TensorSpec.vector(block + name, width)));
            MIXES.forEach(name -> specs.add(TensorSpec.vector(block + name, width)));
            SQUARES.forEach(name -> specs.add(TensorSpec.matrix(block + name, width, width, Layout.PANEL)));
            specs.add(TensorSpec.matrix(block + FFN_KEY, config.hidden(), width, Layout.PANEL));
            specs.add(TensorSpec.matrix(block + FFN_VALUE, width, config.hidden(), Layout.PANEL));
            if (config.learnable()) {
                NEURONS.forEach(name -> specs.add(new TensorSpec(block + name, List.of(), Layout.VECTOR, Role.BODY)));
            }
        }
        addNorm(specs, LAST_NORM, width);
        specs.add(
                TensorSpec.matrix(HEAD, config.vocabSize(), width, Layout.PANEL).as(Role.HEAD));
        return List.copyOf(specs);
    }

    private static void addNorm(List<TensorSpec> specs, String norm, int width) {
        specs.add(TensorSpec.vector(norm + "weight", width));
        specs.add(TensorSpec.vector(norm + "bias", width));
    }
}

package io.spikelet.engine.family.spikegpt;

import io.spikelet.engine.convert.ModelPreset;
import io.spikelet.engine.convert.RandomCodes;
import io.spikelet.engine.convert.WeightsWriter;
import io.spikelet.engine.model.TensorSpec;
import io.spikelet.engine.tensor.Layout;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** The shapes that can be synthesized, with the training profile. */
public enum SpikeGptPreset implements ModelPreset {
    /** The released English model's shape. */
    M216("spikegpt-216m", 50277, 768, 18),
    /** A small shape whose widths are not multiples of a vector length. */
    TINY("spikegpt-tiny", 4096, 100, 7);

    private static final double LOGIT_DEVIATION = 2;

    private final String label;
    private final SpikeGptConfig config;

    SpikeGptPreset(String label, long vocabulary, long width, long layers) {
        this.label = label;
        this.config = ConfigurationFields.resolve(
                Map.of("vocab_size", vocabulary, "hidden_size", width, "num_hidden_layers", layers));
    }

    @Override
    public String label() {
        return label;
    }

    @Override
    public SpikeGptConfig config() {
        return config;
    }

    @Override
    public void write(long seed, WeightsWriter writer, Consumer<TensorSpec> written) throws IOException {
        for (TensorSpec spec : config.tensors()) {
            RandomCodes random = new RandomCodes(seed, spec.name());
            if (spec.layout() == Layout.BIT_ROWS) {
                writer.bits(spec, random);
            } else if (spec.isMatrix()) {
                float[] scales = new float[spec.shape().getFirst()];
                Arrays.fill(scales, (float) (deviation(spec) / RandomCodes.DEVIATION));
                writer.matrix(spec, random, Optional.of(scales));
            } else {
                writer.vector(spec, vector(spec, random));
            }
            written.accept(spec);
        }
    }

    /**
     * Chosen by measurement so that keys and values are near 1 and both banks of neurons fire at rates of 0.2 to 0.3,
     * as in trained models.
     */
    private static double deviation(TensorSpec spec) {
        double inputs = Math.sqrt(spec.shape().getLast());
        if (spec.name().equals(SpikeGptTensors.HEAD)) {
            return LOGIT_DEVIATION / inputs;
        }
        if (spec.name().endsWith("att.output.weight")) {
            return 12 / inputs;
        }
        return spec.name().endsWith(SpikeGptTensors.FFN_VALUE) ? 7 / inputs : 1 / inputs;
    }

    private static float[] vector(TensorSpec spec, RandomCodes random) {
        String name = spec.name();
        float[] values = new float[spec.shape().getFirst()];
        for (int i = 0; i < values.length; i++) {
            float uniform = random.uniform(i);
            if (name.endsWith("time_decay")) {
                values[i] = -2 + 3 * uniform;
            } else if (name.endsWith("time_first")) {
                values[i] = uniform;
            } else if (name.contains("time_mix")) {
                values[i] = 0.5f + 0.5f * uniform;
            } else {
                values[i] = name.endsWith("bias") ? 0.05f * uniform : 1 + 0.1f * uniform;
            }
        }
        return values;
    }
}

package io.spikelet.engine.family.bispikclm;

import io.spikelet.engine.convert.ModelPreset;
import io.spikelet.engine.convert.RandomCodes;
import io.spikelet.engine.convert.WeightsWriter;
import io.spikelet.engine.model.TensorSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** The shapes that can be synthesized: the reproduction's sizes with its switches, and a small one. */
public enum BispikclmPreset implements ModelPreset {
    /** OPT-125M's shape. */
    M125("bispikclm-125m", Map.of()),
    /** OPT-350M's shape. */
    M350(
            "bispikclm-350m",
            Map.of("hidden_size", 1024, "intermediate_size", 4096, "num_attention_heads", 16, "num_hidden_layers", 24)),
    /** OPT-1.3B's shape. */
    B1_3(
            "bispikclm-1.3b",
            Map.of("hidden_size", 2048, "intermediate_size", 8192, "num_attention_heads", 32, "num_hidden_layers", 24)),
    /** The bundled model's shape. */
    TINY(
            "bispikclm-tiny",
            Map.of(
                    "vocab_size", 4096,
                    "hidden_size", 320,
                    "intermediate_size", 1280,
                    "num_attention_heads", 5,
                    "num_hidden_layers", 5,
                    "max_position_embeddings", 256));

    private final String label;
    private final BispikclmConfig config;

    BispikclmPreset(String label, Map<String, Object> shape) {
        this.label = label;
        this.config = ConfigurationFields.resolve(new LinkedHashMap<>(shape));
    }

    @Override
    public String label() {
        return label;
    }

    @Override
    public BispikclmConfig config() {
        return config;
    }

    @Override
    public void write(long seed, WeightsWriter writer, Consumer<TensorSpec> written) throws IOException {
        for (TensorSpec spec : config.tensors()) {
            RandomCodes random = new RandomCodes(seed, spec.name());
            if (spec.name().equals(BispikclmTensors.POSITIONS)) {
                writer.matrix(spec, SyntheticWeights.floats(random), Optional.empty());
            } else if (spec.isMatrix()) {
                float[] scales = new float[spec.shape().getFirst()];
                double deviation = SyntheticWeights.matrixDeviation(spec.name(), config);
                Arrays.fill(scales, (float) (deviation / RandomCodes.DEVIATION));
                writer.matrix(spec, random, Optional.of(scales));
            } else {
                writer.vector(spec, vector(spec, seed, random));
            }
            written.accept(spec);
        }
    }

    private float[] vector(TensorSpec spec, long seed, RandomCodes random) {
        float[] values = new float[spec.shape().isEmpty() ? 1 : spec.shape().getFirst()];
        String linear = spec.name().substring(0, Math.max(0, spec.name().lastIndexOf('.')));
        if (spec.name().equals(BispikclmTensors.codeSums(linear))) {
            return codeSums(values.length, new RandomCodes(seed, BispikclmTensors.weight(linear)));
        }
        for (int i = 0; i < values.length; i++) {
            values[i] = SyntheticWeights.vectorElement(spec.name(), random.uniform(i));
        }
        return values;
    }

    /** Row sums of a linear layer after a LayerNorm; such a layer reads the stream, so its rows have the stream's width. */
    private float[] codeSums(int outputs, RandomCodes codes) {
        float[] sums = new float[outputs];
        ByteBuffer row = ByteBuffer.allocate(config.width());
        for (int o = 0; o < outputs; o++) {
            codes.fill(o, 0, config.width(), row, 0, 1);
            int sum = 0;
            for (int i = 0; i < config.width(); i++) {
                sum += row.get(i);
            }
            sums[o] = sum;
        }
        return sums;
    }
}

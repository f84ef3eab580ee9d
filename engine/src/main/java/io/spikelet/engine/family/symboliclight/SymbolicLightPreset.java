package io.spikelet.engine.family.symboliclight;

import io.spikelet.engine.convert.ModelPreset;
import io.spikelet.engine.convert.RandomCodes;
import io.spikelet.engine.convert.WeightsWriter;
import io.spikelet.engine.model.TensorSpec;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Consumer;

/** The shapes that can be synthesized. */
public enum SymbolicLightPreset implements ModelPreset {
    /** The released 0.8B model: 873,668,135 parameters. */
    V0_8B("0.8b", ReleasedConfigs.of(Variant.V0_8B)),
    /** The released 194M model: 194,016,924 parameters. */
    V194M("194m", ReleasedConfigs.of(Variant.V194M)),
    /** A 0.8B variant of the bundled model's shape: 5,788,181 parameters. */
    TINY("tiny", tiny());

    private final String label;
    private final SymbolicLightConfig config;

    SymbolicLightPreset(String label, SymbolicLightConfig config) {
        this.label = label;
        this.config = config;
    }

    @Override
    public String label() {
        return label;
    }

    @Override
    public SymbolicLightConfig config() {
        return config;
    }

    @Override
    public void write(long seed, WeightsWriter writer, Consumer<TensorSpec> written) throws IOException {
        for (TensorSpec spec : config.tensors()) {
            RandomCodes random = new RandomCodes(seed, spec.name());
            if (spec.isMatrix()) {
                float[] scales = new float[spec.shape().getFirst()];
                double deviation = SyntheticScale.matrixDeviation(spec.name(), config);
                Arrays.fill(scales, (float) (deviation / RandomCodes.DEVIATION));
                writer.matrix(spec, random, Optional.of(scales));
            } else {
                writer.vector(spec, vector(spec, random));
            }
            written.accept(spec);
        }
    }

    private float[] vector(TensorSpec spec, RandomCodes random) {
        float[] values = new float[spec.shape().isEmpty() ? 1 : spec.shape().getFirst()];
        for (int i = 0; i < values.length; i++) {
            values[i] = SyntheticScale.vectorElement(spec.name(), i, values.length, config, random);
        }
        return values;
    }

    private static SymbolicLightConfig tiny() {
        return new SymbolicLightConfig(
                Variant.V0_8B, 4096, 256, 4, 4, 64, 1024, 256, 1f, 0.95f, 10000f, 128, 4, true, true, false, 0.3f);
    }
}

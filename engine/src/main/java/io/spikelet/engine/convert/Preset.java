package io.spikelet.engine.convert;

import io.spikelet.engine.model.ModelConfig;
import io.spikelet.engine.model.ModelDefaults;
import io.spikelet.engine.model.Variant;

/** The shapes that can be synthesized. */
public enum Preset {
    /** The released 0.8B model: 873,668,135 parameters. */
    V0_8B("0.8b", ModelDefaults.of(Variant.V0_8B)),
    /** The released 194M model: 194,016,924 parameters. */
    V194M("194m", ModelDefaults.of(Variant.V194M)),
    /** A 0.8B variant of the bundled model's shape: 5,788,181 parameters. */
    TINY("tiny", tiny());

    private final String label;
    private final ModelConfig config;

    Preset(String label, ModelConfig config) {
        this.label = label;
        this.config = config;
    }

    /** The name on the command line. */
    public String label() {
        return label;
    }

    public ModelConfig config() {
        return config;
    }

    private static ModelConfig tiny() {
        return new ModelConfig(
                Variant.V0_8B, 4096, 256, 4, 4, 64, 1024, 256, 1f, 0.95f, 10000f, 128, 4, true, true, false, 0.3f);
    }
}

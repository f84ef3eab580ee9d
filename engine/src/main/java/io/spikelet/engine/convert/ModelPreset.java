package io.spikelet.engine.convert;

import io.spikelet.engine.model.FamilyConfig;
import io.spikelet.engine.model.TensorSpec;
import java.io.IOException;
import java.util.function.Consumer;

/** A shape that can be synthesized. Stateless and thread-safe. */
public interface ModelPreset {
    /** The name on the command line. */
    String label();

    FamilyConfig config();

    /**
     * Writes every tensor of the model in the order of its specs, with random weights that give about the spike rates
     * of trained models. The same seed gives the same bytes.
     *
     * @param written is called after each tensor is written
     */
    void write(long seed, WeightsWriter writer, Consumer<TensorSpec> written) throws IOException;
}

package io.spikelet.engine.family;

import io.spikelet.engine.convert.CheckpointMappings;
import io.spikelet.engine.family.bispikclm.Bispikclm;
import io.spikelet.engine.family.bispikclm.BispikclmCheckpoint;
import io.spikelet.engine.family.spikegpt.SpikeGpt;
import io.spikelet.engine.family.spikegpt.SpikeGptCheckpoint;
import io.spikelet.engine.family.symboliclight.SymbolicLight;
import io.spikelet.engine.family.symboliclight.SymbolicLightCheckpoint;
import io.spikelet.engine.model.ModelFamilies;
import java.util.List;

/** The registry of the model families of this program. */
public final class Families {
    private static final ModelFamilies ALL =
            ModelFamilies.of(List.of(SymbolicLight.FAMILY, Bispikclm.FAMILY, SpikeGpt.FAMILY));

    private static final CheckpointMappings MAPPINGS = CheckpointMappings.of(
            List.of(new SymbolicLightCheckpoint(), new BispikclmCheckpoint(), new SpikeGptCheckpoint()));

    private Families() {}

    /** Every family. */
    public static ModelFamilies all() {
        return ALL;
    }

    /** The checkpoint mappings and presets of every family. */
    public static CheckpointMappings mappings() {
        return MAPPINGS;
    }
}

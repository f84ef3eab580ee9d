package io.spikelet.engine;

import io.spikelet.engine.family.symboliclight.SymbolicLightSampler;
import io.spikelet.engine.model.CommonSampler;
import io.spikelet.engine.model.SamplerPolicy;
import java.util.List;

/** Greedy decoding and both upstream samplers. */
public final class Samplers {
    public static final List<SamplerPolicy> ALL =
            List.of(CommonSampler.GREEDY, SymbolicLightSampler.V0_8B, SymbolicLightSampler.V194M);

    private Samplers() {}

    /** For tests with a parameter. */
    public static List<SamplerPolicy> all() {
        return ALL;
    }
}

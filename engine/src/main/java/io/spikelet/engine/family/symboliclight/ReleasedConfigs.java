package io.spikelet.engine.family.symboliclight;

/** The upstream defaults of every configuration field. */
final class ReleasedConfigs {
    static final float ENTROPY_EXIT_THRESHOLD = 0.3f;

    private static final SymbolicLightConfig LARGE = new SymbolicLightConfig(
            Variant.V0_8B,
            57344,
            1536,
            22,
            24,
            64,
            6144,
            512,
            1.0f,
            0.95f,
            10000.0f,
            512,
            4,
            true,
            true,
            false,
            ENTROPY_EXIT_THRESHOLD);

    private static final SymbolicLightConfig SMALL = new SymbolicLightConfig(
            Variant.V194M,
            48000,
            768,
            12,
            12,
            64,
            4096,
            2048,
            1.0f,
            0.95f,
            10000.0f,
            256,
            4,
            true,
            true,
            false,
            ENTROPY_EXIT_THRESHOLD);

    private ReleasedConfigs() {}

    /** The configuration of the released model of a variant; it also supplies the values of missing fields. */
    static SymbolicLightConfig of(Variant variant) {
        return switch (variant) {
            case V0_8B -> LARGE;
            case V194M -> SMALL;
        };
    }
}

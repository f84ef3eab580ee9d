package io.spikelet.engine.family.symboliclight;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SymbolicLightConfigTest {
    private static final int TOO_MANY = SymbolicLightConfig.MAX_POSITIONS + 1;

    @ParameterizedTest
    @ValueSource(strings = {"max_seq_len", "sparse_attn_window", "n_global_anchors"})
    void positionsThatNoDecoderCouldKeepAreRefused(String field) {
        assertThatThrownBy(() -> config(
                        field.equals("max_seq_len") ? TOO_MANY : 64,
                        field.equals("sparse_attn_window") ? TOO_MANY : 16,
                        field.equals("n_global_anchors") ? TOO_MANY : 4))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(field)
                .hasMessageContaining("1048577")
                .hasMessageContaining("to 1048576");
    }

    static SymbolicLightConfig config(int maxSeqLen, int window, int anchors) {
        return new SymbolicLightConfig(
                Variant.V0_8B,
                100,
                8,
                1,
                2,
                4,
                16,
                maxSeqLen,
                1f,
                0.9f,
                10000f,
                window,
                anchors,
                true,
                true,
                false,
                0.3f);
    }
}

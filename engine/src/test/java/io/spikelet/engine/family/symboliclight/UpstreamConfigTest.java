package io.spikelet.engine.family.symboliclight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spikelet.engine.convert.CheckpointFormatException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class UpstreamConfigTest {
    @Test
    void usesTheVariantsDefaultsForWhatTheConfigLacks() {
        assertThat(UpstreamConfig.resolve(Variant.V0_8B, Map.of("unknown", "field")))
                .isEqualTo(ReleasedConfigs.of(Variant.V0_8B));
        assertThat(UpstreamConfig.resolve(Variant.V194M, Map.of("n_layers", 3L)).layers())
                .isEqualTo(3);
        assertThat(UpstreamConfig.resolve(Variant.V194M, Map.of()).vocabSize()).isEqualTo(48000);
    }

    @Test
    void truncatesAndRaisesTheWindowOfTheLargeVariant() {
        assertThat(UpstreamConfig.resolve(Variant.V0_8B, Map.of("sparse_attn_window", 17.9))
                        .window())
                .isEqualTo(17);
        assertThat(UpstreamConfig.resolve(Variant.V0_8B, Map.of("sparse_attn_window", 0L))
                        .window())
                .isEqualTo(1);
    }

    @Test
    void expectsAsManyEntriesAsTheReleasedModelsHave() {
        assertThat(new SymbolicLightCheckpoint().expected(ReleasedConfigs.of(Variant.V0_8B)))
                .hasSize(337);
        assertThat(new SymbolicLightCheckpoint().expected(ReleasedConfigs.of(Variant.V194M)))
                .hasSize(174);
    }

    @ParameterizedTest
    @ValueSource(strings = {"use_topk_mask", "enable_stdp"})
    void refusesSwitchesOfLaterRevisionsThatChangeWhatAModelComputes(String field) {
        assertThat(UpstreamConfig.resolve(Variant.V0_8B, Map.of(field, false)))
                .isEqualTo(ReleasedConfigs.of(Variant.V0_8B));
        assertThatThrownBy(() -> UpstreamConfig.resolve(Variant.V0_8B, Map.of(field, true)))
                .isInstanceOf(CheckpointFormatException.class)
                .hasMessageContainingAll(field, "true", "false");
    }
}

package io.spikelet.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;

final class NpyTest {
    @Test
    void readsFloatLogitsWithTheirShape() throws IOException {
        Npy logits = Npy.read(Fixtures.golden("c1-tiny-08b/logits_second.npy"));

        assertThat(logits.shape()).containsExactly(20, 320);
        assertThat(logits.values()).hasSize(20 * 320);
        assertThat(logits.row(19)).hasSize(320).isNotEqualTo(logits.row(0));
    }

    @Test
    void readsSpikesAsZerosAndOnes() throws IOException {
        Npy spikes = Npy.read(Fixtures.golden("c1-tiny-08b/trace/encoder_spikes.npy"));

        assertThat(spikes.values()).containsOnly(0, 1);
    }

    @Test
    void refusesAnotherFormat() {
        assertThatThrownBy(() -> Npy.read(Fixtures.golden("c1-tiny-08b/checkpoint.pt")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("checkpoint.pt");
    }
}

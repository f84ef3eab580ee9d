package io.spikelet.engine.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.engine.GoldenCase;
import io.spikelet.engine.GoldenCase.Weights;
import io.spikelet.engine.Npy;
import io.spikelet.engine.model.SpikingModel;
import io.spikelet.engine.telemetry.SpikeStatistics;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SpikeCountsTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"c1-tiny-08b", "c2-tiny-194m", "c3-tiny-08b-noattn"})
    void countsAreTheSpikesOfTheOriginal(String name) throws IOException {
        GoldenCase golden = GoldenCase.load(name);
        int[] ids = golden.ids("main");
        try (SpikingModel model = golden.open(folder, Weights.FP32);
                Decoder decoder = new Decoder(model, ids.length)) {
            DecoderState state = decoder.allocate(ids.length);
            for (int id : ids) {
                decoder.add(state, id, false);
            }
            decoder.run();
            SpikeStatistics spikes = decoder.spikes(state);

            float threshold = (float) model.config().fields().get("spike_threshold");
            assertThat(spikes.positions()).isEqualTo(ids.length);
            assertThat(spikes.count("encoder", 0)).isEqualTo(atLeast(1, golden, "encoder_spikes"));
            for (int layer = 0; layer < spikes.rates("ffn").length; layer++) {
                assertThat(spikes.count("ffn", layer))
                        .isEqualTo(atLeast(1, golden, "layer" + layer + "_ffn_hidden_spikes"));
                assertThat(spikes.count("block", layer))
                        .isEqualTo(atLeast(threshold, golden, "layer" + layer + "_block_continuous"));
            }
        }
    }

    private static long atLeast(float threshold, GoldenCase golden, String trace) throws IOException {
        long count = 0;
        for (float value : Npy.read(golden.file("trace/" + trace + ".npy")).values()) {
            count += value >= threshold ? 1 : 0;
        }
        assertThat(count).isPositive();
        return count;
    }
}

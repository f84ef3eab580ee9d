package io.spikelet.engine.decode;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.spikelet.engine.GoldenCase;
import io.spikelet.engine.GoldenCase.Weights;
import io.spikelet.engine.model.SpikingModel;
import io.spikelet.engine.telemetry.OperationCounts;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** SymbolicLight's operations against a count of the spikes that the original model had, one position at a time. */
class GoldenOperationsTest {
    @TempDir
    Path folder;

    static Stream<String> cases() {
        return GoldenCase.NAMES.stream();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void operationsFollowFromTheOriginalsSpikes(String name) {
        GoldenCase golden = GoldenCase.load(name);
        try (SpikingModel model = golden.open(folder, Weights.FP32);
                Decoder decoder = new Decoder(model, 7)) {
            for (String sequence : golden.sequences()) {
                JsonNode stats =
                        golden.expected().get("sequences").get(sequence).get("stats");
                int[] ids = golden.ids(sequence);
                DecoderState state = decoder.allocate(ids.length);
                for (int from = 0; from < ids.length; from += 7) {
                    decoder.clear();
                    for (int i = from; i < Math.min(ids.length, from + 7); i++) {
                        decoder.add(state, ids[i], false);
                    }
                    decoder.run();
                }
                check(decoder.operations(state), golden.expected().get("config"), stats, ids.length);
                decoder.release(state);
            }
        }
    }

    private static void check(OperationCounts counts, JsonNode config, JsonNode stats, int positions) {
        long width = config.get("embed_dim").longValue();
        long units = config.get("intermediate_dim").longValue();
        long vocabulary = config.get("vocab_size").longValue();
        long layers = config.get("n_layers").longValue();
        int[] entering = GoldenCase.ints(stats.get("encoder_spike_count_per_position"));
        long decay = 0;
        long down = 0;
        long active = 0;
        long seen = 0;
        for (JsonNode layer : stats.get("layers")) {
            for (int i = 0; i < positions; i++) {
                decay += width * entering[i];
                active += entering[i] > 0 ? 1 : 0;
                for (int j = 0; entering[i] > 0 && j <= i; j++) {
                    boolean isNear = i - j <= config.get("sparse_attn_window").intValue()
                            || j < config.get("n_global_anchors").intValue();
                    seen += isNear && entering[j] > 0 ? 1 : 0;
                }
            }
            down += width * Math.round(layer.get("ffn_hidden_density").doubleValue() * units * positions);
            entering = GoldenCase.ints(layer.get("block_out_spike_count_per_position"));
        }

        assertThat(counts.accumulates()).containsEntry("decay", decay).containsEntry("down", down);
        boolean hasAttention = config.get("enable_sparse_attn").booleanValue();
        assertThat(counts.multiplyAdds().getOrDefault("qkv", 0L))
                .isEqualTo(hasAttention ? 3 * width * width * active : 0);
        assertThat(counts.multiplyAdds().getOrDefault("scores", 0L)).isEqualTo(hasAttention ? width * seen : 0);
        assertThat(counts.multiplyAdds().getOrDefault("context", 0L)).isEqualTo(hasAttention ? width * seen : 0);
        assertThat(counts.multiplyAdds())
                .containsEntry("out", width * width * layers * positions)
                .containsEntry("up", units * width * layers * positions);
        boolean isDynamic = config.get("enable_dynamic_prior").booleanValue();
        long prior = isDynamic ? width / 4 * (width + vocabulary) : 0;
        assertThat(counts.multiplyAdds()).containsEntry("head", (vocabulary * width + prior) * positions);
        long dense = layers
                        * ((4 * width * width + 2 * width * units) * positions
                                + 2 * width * positions * (positions + 1) / 2)
                + vocabulary * width * positions;
        assertThat(counts.denseMultiplyAdds()).isEqualTo(dense);
        assertThat(counts.energyPicojoules())
                .isEqualTo(0.9 * counts.totalAccumulates() + 4.6 * counts.totalMultiplyAdds());
    }
}

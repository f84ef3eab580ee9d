package io.spikelet.engine.family.spikegpt;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.spikelet.engine.decode.Decoder;
import io.spikelet.engine.decode.DecoderState;
import io.spikelet.engine.model.SpikingModel;
import io.spikelet.engine.telemetry.OperationCounts;
import io.spikelet.engine.telemetry.SpikeStatistics;
import io.spikelet.engine.tensor.DType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Logits, negative log-likelihoods, greedy continuations, spikes, zeros and states of the reference programs. */
class SpikeGptGoldenTest {
    @TempDir
    Path folder;

    static Stream<Arguments> cases() {
        return SpikeGptCase.all();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void logitsAreTheReferencesHoweverTheSequenceIsCut(String name, DType weights) throws IOException {
        SpikeGptCase golden = SpikeGptCase.load(name, weights);
        try (SpikingModel model = golden.open(folder)) {
            for (String sequence : SpikeGptCase.sequences()) {
                float[] expected = golden.logits(sequence).values();
                int[] ids = golden.ids(sequence);
                float[] oneByOne = SpikeGptCase.logits(model, ids, 1);
                assertThat(oneByOne).hasSameSizeAs(expected);
                assertThat(SpikeGptCase.largestDifference(oneByOne, expected))
                        .as(sequence)
                        .isLessThan(1e-5f);
                for (int block : new int[] {5, ids.length}) {
                    assertThat(SpikeGptCase.logits(model, ids, block))
                            .as("%s, blocks of %d", sequence, block)
                            .isEqualTo(oneByOne);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void negativeLogLikelihoodsAreTheReferences(String name, DType weights) {
        SpikeGptCase golden = SpikeGptCase.load(name, weights);
        try (SpikingModel model = golden.open(folder)) {
            int vocabulary = model.config().vocabSize();
            for (String sequence : SpikeGptCase.sequences()) {
                int[] ids = golden.ids(sequence);
                float[] logits = SpikeGptCase.logits(model, ids, ids.length);
                JsonNode expected = golden.sequence(sequence).get("nll_per_position");
                assertThat(expected).hasSize(ids.length - 1);
                for (int i = 0; i + 1 < ids.length; i++) {
                    assertThat(nll(logits, i * vocabulary, vocabulary, ids[i + 1]))
                            .as("%s at %d", sequence, i)
                            .isCloseTo(expected.get(i).doubleValue(), Offset.offset(1e-5));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void greedyContinuationsAreTheReferences(String name, DType weights) {
        SpikeGptCase golden = SpikeGptCase.load(name, weights);
        if (!golden.isOwnProfile()) {
            return; // there are none of the other profile
        }
        try (SpikingModel model = golden.open(folder);
                Decoder decoder = new Decoder(model, 64)) {
            for (JsonNode greedy : golden.expected().get("greedy")) {
                int[] prompt = SpikeGptCase.ints(greedy.get("prompt"));
                int[] expected = SpikeGptCase.ints(greedy.get(golden.key()).get("new_tokens"));
                assertThat(greedy(decoder, prompt, expected.length)).isEqualTo(expected);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void spikesZerosAndOperationsAreTheReferences(String name, DType weights) {
        SpikeGptCase golden = SpikeGptCase.load(name, weights);
        try (SpikingModel model = golden.open(folder);
                Decoder decoder = new Decoder(model, 7)) {
            SpikeGptConfig config = (SpikeGptConfig) model.config();
            for (String sequence : SpikeGptCase.sequences()) {
                JsonNode expected = golden.sequence(sequence);
                int[] ids = golden.ids(sequence);
                DecoderState state = decoder.allocate(ids.length);
                feed(decoder, state, ids, ids.length);
                SpikeStatistics spikes = decoder.spikes(state);
                long zeros = 0;
                for (int layer = 0; layer < config.layers(); layer++) {
                    for (String bank : new String[] {SpikeGptConfig.LIF1, SpikeGptConfig.LIF2}) {
                        assertThat(spikes.count(bank, layer))
                                .as("%s, block %d, %s", sequence, layer, bank)
                                .isEqualTo(expected.get("spike_counts")
                                        .get("block" + layer + "." + bank)
                                        .longValue());
                    }
                    long expectedZeros = expected.get("relu2_zero_counts")
                            .get("block" + layer)
                            .longValue();
                    assertThat(spikes.count(SpikeGptConfig.RELU_ZERO, layer)).isEqualTo(expectedZeros);
                    zeros += expectedZeros;
                }
                OperationCounts operations = decoder.operations(state);
                long width = config.width();
                long blocks = (long) ids.length * config.layers();
                assertThat(operations.accumulates()).isEmpty();
                assertThat(operations.multiplyAdds())
                        .isEqualTo(Map.of(
                                "time_mixing",
                                4 * width * width * blocks,
                                "channel_mixing",
                                blocks * width * (2L * config.hidden() + width) - width * zeros,
                                "head",
                                ids.length * width * config.vocabSize()));
                decoder.release(state);
            }
        }
    }

    static void feed(Decoder decoder, DecoderState state, int[] ids, int count) {
        for (int from = 0; from < count; from += decoder.maxColumns()) {
            decoder.clear();
            for (int i = from; i < Math.min(count, from + decoder.maxColumns()); i++) {
                decoder.add(state, ids[i], false);
            }
            decoder.run();
        }
    }

    static int[] greedy(Decoder decoder, int[] prompt, int count) {
        int vocabulary = decoder.vocabulary();
        DecoderState state = decoder.allocate(prompt.length + count);
        feed(decoder, state, prompt, prompt.length - 1);
        int[] ids = new int[count];
        int next = prompt[prompt.length - 1];
        for (int i = 0; i < count; i++) {
            decoder.clear();
            decoder.add(state, next, true);
            decoder.run();
            next = 0;
            for (int id = 1; id < vocabulary; id++) {
                next = decoder.logits()[id] > decoder.logits()[next] ? id : next;
            }
            ids[i] = next;
        }
        decoder.release(state);
        return ids;
    }

    private static double nll(float[] logits, int at, int length, int id) {
        double max = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < length; i++) {
            max = Math.max(max, logits[at + i]);
        }
        double sum = 0;
        for (int i = 0; i < length; i++) {
            sum += Math.exp(logits[at + i] - max);
        }
        return max + Math.log(sum) - logits[at + id];
    }
}

package io.spikelet.engine.family.bispikclm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.spikelet.engine.Npy;
import io.spikelet.engine.decode.Decoder;
import io.spikelet.engine.decode.DecoderState;
import io.spikelet.engine.model.SpikingModel;
import io.spikelet.engine.telemetry.OperationCounts;
import io.spikelet.engine.telemetry.SpikeStatistics;
import io.spikelet.engine.tensor.DType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Logits, perplexities, greedy continuations, firing rates and operation counts of the reference programs. */
class BinaryGoldenTest {
    @TempDir
    Path folder;

    static Stream<Arguments> cases() {
        return BinaryCase.NAMES.stream()
                .flatMap(name -> Stream.of(DType.FLOAT32, DType.INT8).map(type -> Arguments.of(name, type)));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void logitsAreTheReferencesHoweverTheSequenceIsCut(String name, DType weights) throws IOException {
        BinaryCase golden = BinaryCase.load(name);
        try (SpikingModel model = golden.open(folder, weights)) {
            for (String sequence : List.of("main", "second")) {
                Npy expected = golden.logits(sequence, weights);
                int[] ids = golden.ids(sequence);
                for (int block : new int[] {1, 5, ids.length}) {
                    float[] actual = logits(model, ids, block);
                    if (weights == DType.INT8 && golden.isExact()) {
                        assertThat(actual)
                                .as("%s, blocks of %d", sequence, block)
                                .isEqualTo(expected.values());
                    } else {
                        assertThat(actual).hasSameSizeAs(expected.values());
                        assertThat(largestDifference(actual, expected.values()))
                                .as("%s, blocks of %d", sequence, block)
                                .isLessThan(1e-4f);
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void perplexitiesAreTheReferences(String name, DType weights) {
        BinaryCase golden = BinaryCase.load(name);
        try (SpikingModel model = golden.open(folder, weights)) {
            for (String sequence : List.of("main", "second")) {
                int[] ids = golden.ids(sequence);
                float[] logits = logits(model, ids, ids.length);
                double nll = 0;
                for (int i = 0; i + 1 < ids.length; i++) {
                    nll += nll(
                            logits,
                            i * model.config().vocabSize(),
                            model.config().vocabSize(),
                            ids[i + 1]);
                }
                double expected =
                        golden.sequence(sequence, weights).get("perplexity").doubleValue();
                double tolerance = weights == DType.INT8 && golden.isExact() ? 1e-12 : 1e-5;
                assertThat(Math.exp(nll / (ids.length - 1))).isCloseTo(expected, Offset.offset(expected * tolerance));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void greedyContinuationsAreTheReferences(String name, DType weights) {
        BinaryCase golden = BinaryCase.load(name);
        try (SpikingModel model = golden.open(folder, weights);
                Decoder decoder = new Decoder(model, 64)) {
            for (JsonNode greedy : golden.expected().get("greedy")) {
                int[] prompt = BinaryCase.ints(greedy.get("prompt"));
                int[] expected = BinaryCase.ints(
                        greedy.get(weights == DType.INT8 ? "int8" : "fp32").get("new_tokens"));
                assertThat(TrainedModelTest.greedy(decoder, prompt, expected.length))
                        .isEqualTo(expected);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void operationsAndFiringRatesAreTheReferences(String name, DType weights) {
        BinaryCase golden = BinaryCase.load(name);
        try (SpikingModel model = golden.open(folder, weights);
                Decoder decoder = new Decoder(model, 7)) {
            for (String sequence : List.of("main", "second")) {
                JsonNode expected = golden.sequence(sequence, weights);
                DecoderState state = decoder.allocate(model.config().contextLength());
                feed(decoder, state, golden.ids(sequence));
                OperationCounts counts = decoder.operations(state);
                expected.get("sops")
                        .properties()
                        .forEach(sop -> assertThat(counts.accumulates())
                                .containsEntry(sop.getKey(), sop.getValue().longValue()));
                expected.get("macs")
                        .properties()
                        .forEach(mac -> assertThat(counts.multiplyAdds().getOrDefault(mac.getKey(), 0L))
                                .as("macs of %s", mac.getKey())
                                .isEqualTo(mac.getValue().longValue()));
                assertThat(counts.energyPicojoules())
                        .isCloseTo(expected.get("energy_picojoule").doubleValue(), Offset.offset(1e-3));
                assertThat(counts.denseEnergyPicojoules())
                        .isCloseTo(expected.get("dense_twin_picojoule").doubleValue(), Offset.offset(1e-3));
                checkRates(decoder.spikes(state), expected.get("firing_rates"));
                decoder.release(state);
            }
        }
    }

    private static void checkRates(SpikeStatistics spikes, JsonNode expected) {
        for (Map.Entry<String, JsonNode> rate : expected.properties()) {
            int dot = rate.getKey().indexOf('.');
            String population = rate.getKey().substring(dot + 1);
            if (population.equals(Bank.SCORE.label())) {
                continue; // of keys, not of channels: its spikes are in the operations of the context
            }
            int layer = dot < 0 ? 0 : Integer.parseInt(rate.getKey().substring("layer".length(), dot));
            assertThat(spikes.rates(population)[layer])
                    .as(rate.getKey())
                    .isCloseTo(rate.getValue().doubleValue(), Offset.offset(1e-6));
        }
    }

    static void feed(Decoder decoder, DecoderState state, int[] ids) {
        for (int from = 0; from < ids.length; from += decoder.maxColumns()) {
            decoder.clear();
            for (int i = from; i < Math.min(ids.length, from + decoder.maxColumns()); i++) {
                decoder.add(state, ids[i], false);
            }
            decoder.run();
        }
    }

    /** {@code [positions, vocabulary]}. */
    static float[] logits(SpikingModel model, int[] ids, int block) {
        int vocabulary = model.config().vocabSize();
        float[] logits = new float[ids.length * vocabulary];
        try (Decoder decoder = new Decoder(model, block)) {
            DecoderState state = decoder.allocate(ids.length);
            for (int from = 0; from < ids.length; from += block) {
                decoder.clear();
                int end = Math.min(ids.length, from + block);
                for (int i = from; i < end; i++) {
                    decoder.add(state, ids[i], true);
                }
                decoder.run();
                System.arraycopy(decoder.logits(), 0, logits, from * vocabulary, (end - from) * vocabulary);
            }
            decoder.release(state);
        }
        return logits;
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

    private static float largestDifference(float[] actual, float[] expected) {
        float largest = 0;
        for (int i = 0; i < actual.length; i++) {
            largest = Math.max(largest, Math.abs(actual[i] - expected[i]));
        }
        return largest;
    }
}

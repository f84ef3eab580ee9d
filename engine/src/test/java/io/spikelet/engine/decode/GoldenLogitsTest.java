package io.spikelet.engine.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.spikelet.engine.GoldenCase;
import io.spikelet.engine.GoldenCase.Weights;
import io.spikelet.engine.Npy;
import io.spikelet.engine.kernel.KernelProvider;
import io.spikelet.engine.kernel.Kernels;
import io.spikelet.engine.kernel.ScalarKernels;
import io.spikelet.engine.model.SpikingModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The forward pass against the original model's numbers: every case, sequence and way of cutting it into passes. */
class GoldenLogitsTest {
    private static final float TOLERANCE = 1e-4f;

    @TempDir
    Path folder;

    static Stream<Arguments> casesAndWeights() {
        return GoldenCase.NAMES.stream()
                .flatMap(name -> Arrays.stream(Weights.values()).map(weights -> Arguments.of(name, weights)));
    }

    static Stream<String> cases() {
        return GoldenCase.NAMES.stream();
    }

    @ParameterizedTest
    @MethodSource("casesAndWeights")
    void logitsAndPerplexityAreTheOriginals(String name, Weights weights) throws IOException {
        GoldenCase golden = GoldenCase.load(name);
        try (SpikingModel model = golden.open(folder, weights)) {
            for (String sequence : golden.sequences()) {
                int[] ids = golden.ids(sequence);
                float[] logits = logits(model, KernelProvider.kernels(), ids, ids.length);
                Npy expected = golden.logits(weights, sequence);
                assertThat(logits).as(sequence).hasSize(expected.values().length);
                assertThat(largestDifference(logits, expected.values()))
                        .as(sequence)
                        .isLessThan(TOLERANCE);
                double reference = golden.perplexity(weights, sequence);
                assertThat(perplexity(logits, ids)).isCloseTo(reference, within(1e-5 * reference));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("casesAndWeights")
    void passesOfAnySizeAndBothKernelsGiveTheSameBits(String name, Weights weights) {
        GoldenCase golden = GoldenCase.load(name);
        try (SpikingModel model = golden.open(folder, weights)) {
            for (String sequence : golden.sequences()) {
                int[] ids = golden.ids(sequence);
                int[] expected = bits(logits(model, new ScalarKernels(), ids, ids.length));
                for (int columns : new int[] {1, 2, 7, 13, ids.length}) {
                    assertThat(bits(logits(model, KernelProvider.kernels(), ids, columns)))
                            .as("%s in passes of %d", sequence, columns)
                            .isEqualTo(expected);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void sequencesThatShareAPassDoNotTouchEachOther(String name) {
        GoldenCase golden = GoldenCase.load(name);
        try (SpikingModel model = golden.open(folder, Weights.INT8_EMBEDDING)) {
            List<int[]> sequences = golden.sequences().stream().map(golden::ids).toList();
            Decoder decoder = new Decoder(model, 11);
            DecoderState[] states =
                    sequences.stream().map(ids -> decoder.allocate(ids.length)).toArray(DecoderState[]::new);
            int vocab = decoder.vocabulary();
            float[][] together =
                    sequences.stream().map(ids -> new float[ids.length * vocab]).toArray(float[][]::new);
            int longest = sequences.stream().mapToInt(ids -> ids.length).max().orElseThrow();
            for (int round = 0; round < longest; round++) { // sequence s takes s + 1 positions a round
                decoder.clear();
                int[][] columns = new int[states.length][];
                for (int s = 0; s < states.length; s++) {
                    int take = Math.min(s + 1, sequences.get(s).length - states[s].position());
                    columns[s] = new int[Math.max(take, 0)];
                    for (int i = 0; i < take; i++) {
                        columns[s][i] = decoder.add(states[s], sequences.get(s)[states[s].position() + i], true);
                    }
                }
                int[] before =
                        Arrays.stream(states).mapToInt(DecoderState::position).toArray();
                if (Arrays.stream(columns).allMatch(c -> c.length == 0)) {
                    break;
                }
                decoder.run();
                for (int s = 0; s < states.length; s++) {
                    for (int i = 0; i < columns[s].length; i++) {
                        System.arraycopy(
                                decoder.logits(),
                                decoder.logitsOffset(columns[s][i]),
                                together[s],
                                (before[s] + i) * vocab,
                                vocab);
                    }
                }
            }
            for (int s = 0; s < states.length; s++) {
                float[] alone = logits(model, KernelProvider.kernels(), sequences.get(s), 64);
                assertThat(bits(together[s])).isEqualTo(bits(alone));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void greedyTranscriptsAreTheOriginals(String name) throws IOException {
        GoldenCase golden = GoldenCase.load(name);
        try (SpikingModel model = golden.open(folder, Weights.FP32)) {
            for (String run : List.of("from_second", "from_bos", "from_main")) {
                JsonNode expected = golden.expected().get("greedy").get(run);
                int[] prompt = GoldenCase.ints(expected.get("prompt"));
                int[] cached = GoldenCase.ints(expected.get("new_tokens_cached"));
                Npy logits =
                        Npy.read(golden.file(expected.get("cached_logits_file").textValue()));
                assertThat(greedy(model, prompt, cached.length, prompt.length, logits))
                        .as(run)
                        .isEqualTo(cached);
                assertThat(greedy(model, prompt, cached.length, 5, logits))
                        .as(run)
                        .isEqualTo(cached);
                assertThat(greedyUncached(model, prompt, cached.length))
                        .as(run)
                        .isEqualTo(GoldenCase.ints(expected.get("new_tokens_full")));
            }
        }
    }

    @Test
    void anUncachedCallOf194mStopsAtTheFirstConfidentBlock() throws IOException {
        GoldenCase golden = GoldenCase.load("c2-tiny-194m");
        int[] ids = golden.ids("main");
        try (SpikingModel model = golden.open(folder, Weights.FP32)) {
            for (JsonNode run : golden.expected().get("entropy_exit").get("runs")) {
                Decoder decoder = new Decoder(model, ids.length);
                DecoderState state = decoder.allocate(ids.length);
                for (int id : ids) {
                    decoder.add(state, id, true);
                }
                int layer = decoder.runUntilConfident(
                        run.get("entropy_exit_threshold").floatValue());
                assertThat(layer).isEqualTo(run.get("exit_layer").intValue());
                Npy expected = Npy.read(golden.file(run.get("logits_file").textValue()));
                float[] actual = Arrays.copyOf(decoder.logits(), expected.values().length);
                assertThat(largestDifference(actual, expected.values())).isLessThan(TOLERANCE);
            }
        }
    }

    @Test
    void anotherLayoutOfTheSameCheckpointIsTheSameModel() {
        GoldenCase golden = GoldenCase.load("c3-tiny-08b-noattn");
        int[] ids = golden.ids("main");
        try (SpikingModel model = golden.open(folder, Weights.INT8);
                SpikingModel other = golden.open(folder, Weights.INT8, "checkpoint_alt.pt")) {
            assertThat(other.manifest().weightsSha256())
                    .isEqualTo(model.manifest().weightsSha256());
            Kernels kernels = KernelProvider.kernels();
            assertThat(bits(logits(other, kernels, ids, 9))).isEqualTo(bits(logits(model, kernels, ids, 9)));
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void aCopiedStateContinuesLikeItsSource(String name) {
        GoldenCase golden = GoldenCase.load(name);
        int[] ids = golden.ids("main");
        try (SpikingModel model = golden.open(folder, Weights.INT8_EMBEDDING)) {
            Decoder decoder = new Decoder(model, 8);
            DecoderState source = decoder.allocate(ids.length);
            run(decoder, source, ids, 0, 30, new float[30 * decoder.vocabulary()]);
            DecoderState copy = decoder.allocate(2 * ids.length);
            copy.copyFrom(source);
            float[] expected = new float[(ids.length - 30) * decoder.vocabulary()];
            float[] actual = new float[expected.length];
            run(decoder, source, ids, 30, ids.length, expected);
            run(decoder, copy, ids, 30, ids.length, actual);
            assertThat(bits(actual)).isEqualTo(bits(expected));
            assertThat(decoder.spikes(copy).spikes())
                    .isEqualTo(decoder.spikes(source).spikes());
        }
    }

    private static float[] logits(SpikingModel model, Kernels kernels, int[] ids, int columns) {
        try (Decoder decoder = new Decoder(model, columns, model.config().vocabSize(), kernels)) {
            float[] out = new float[ids.length * decoder.vocabulary()];
            run(decoder, decoder.allocate(ids.length), ids, 0, ids.length, out);
            return out;
        }
    }

    /** Runs ids [from, to) in passes of the decoder's size; their logits one after the other. */
    private static void run(Decoder decoder, DecoderState state, int[] ids, int from, int to, float[] out) {
        int vocab = decoder.vocabulary();
        for (int at = from; at < to; at += decoder.maxColumns()) {
            int end = Math.min(at + decoder.maxColumns(), to);
            decoder.clear();
            for (int i = at; i < end; i++) {
                decoder.add(state, ids[i], true);
            }
            decoder.run();
            for (int i = at; i < end; i++) {
                System.arraycopy(decoder.logits(), decoder.logitsOffset(i - at), out, (i - from) * vocab, vocab);
            }
        }
    }

    private static int[] greedy(SpikingModel model, int[] prompt, int count, int columns, Npy expectedLogits) {
        int[] ids = Arrays.copyOf(prompt, prompt.length + count);
        int[] fresh = new int[count];
        Decoder decoder = new Decoder(model, columns);
        DecoderState state = decoder.allocate(ids.length);
        int vocab = decoder.vocabulary();
        float[] all = new float[ids.length * vocab];
        run(decoder, state, ids, 0, prompt.length, all);
        int last = prompt.length - 1;
        for (int n = 0; n < count; n++) {
            float[] row = Arrays.copyOfRange(all, last * vocab, (last + 1) * vocab);
            assertThat(largestDifference(row, expectedLogits.row(n))).isLessThan(TOLERANCE);
            fresh[n] = decoder.kernels().argmax(row, 0, vocab);
            ids[++last] = fresh[n];
            float[] next = new float[vocab];
            run(decoder, state, ids, last, last + 1, next);
            System.arraycopy(next, 0, all, last * vocab, vocab);
        }
        return fresh;
    }

    private static int[] greedyUncached(SpikingModel model, int[] prompt, int count) {
        int[] ids = prompt;
        int vocab = model.config().vocabSize();
        for (int n = 0; n < count; n++) {
            float[] all = logits(model, KernelProvider.kernels(), ids, ids.length);
            int next = KernelProvider.kernels().argmax(all, (ids.length - 1) * vocab, vocab);
            ids = Arrays.copyOf(ids, ids.length + 1);
            ids[ids.length - 1] = next;
        }
        return Arrays.copyOfRange(ids, prompt.length, ids.length);
    }

    private static float largestDifference(float[] actual, float[] expected) {
        float largest = 0;
        for (int i = 0; i < expected.length; i++) {
            float difference = Math.abs(actual[i] - expected[i]);
            assertThat(difference).isNotNaN();
            largest = Math.max(largest, difference);
        }
        return largest;
    }

    private static double perplexity(float[] logits, int[] ids) {
        int vocab = logits.length / ids.length;
        double nll = 0;
        for (int i = 0; i + 1 < ids.length; i++) {
            float max = Float.NEGATIVE_INFINITY;
            for (int v = 0; v < vocab; v++) {
                max = Math.max(max, logits[i * vocab + v]);
            }
            double sum = 0;
            for (int v = 0; v < vocab; v++) {
                sum += Math.exp((double) logits[i * vocab + v] - max);
            }
            nll += Math.log(sum) + max - logits[i * vocab + ids[i + 1]];
        }
        return Math.exp(nll / (ids.length - 1));
    }

    private static int[] bits(float[] values) {
        int[] bits = new int[values.length];
        for (int i = 0; i < values.length; i++) {
            bits[i] = Float.floatToRawIntBits(values[i]);
        }
        return bits;
    }
}

package io.spikelet.engine.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spikelet.engine.Fixtures;
import io.spikelet.engine.GoldenCase;
import io.spikelet.engine.GoldenCase.Weights;
import io.spikelet.engine.family.Families;
import io.spikelet.engine.model.KeyValueType;
import io.spikelet.engine.model.ModelSettings;
import io.spikelet.engine.model.SpikingModel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Copies between states of any two sizes, long after the keys and values began to overwrite each other. */
class CopiedStatesTest {
    private static final int LENGTH = 150; // windows are 7 and 16: rings of a few panels wrap several times
    private static final int TAIL = 24;

    @TempDir
    Path folder;

    static Stream<String> cases() {
        return GoldenCase.NAMES.stream();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void aCopyOfAnyCapacityContinuesLikeItsSource(String name) {
        try (SpikingModel model = GoldenCase.load(name).open(folder, Weights.INT8)) {
            int[] ids = randomIds(model, LENGTH + TAIL);
            for (int columns : new int[] {1, 5}) {
                Decoder decoder = new Decoder(model, columns);
                for (int cut : new int[] {1, 16, 17, 33, 65, LENGTH}) {
                    String expected = continuation(decoder, started(decoder, ids, cut, cut + TAIL), ids, cut);
                    for (int sourceCapacity : new int[] {cut, 3000}) {
                        DecoderState source = started(decoder, ids, cut, sourceCapacity);
                        for (int capacity : new int[] {cut + TAIL, 3000}) {
                            DecoderState copy = started(decoder, ids, 1 + cut / 2, capacity); // has a past of its own
                            copy.copyFrom(source);
                            assertThat(continuation(decoder, copy, ids, cut))
                                    .as("columns %d, cut %d, from %d to %d", columns, cut, sourceCapacity, capacity)
                                    .isEqualTo(expected);
                        }
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(KeyValueType.class)
    void aCopyOfACopyThatOnlyJustFitsIsTheSame(KeyValueType type) {
        try (SpikingModel whole = GoldenCase.load("c5-tiny-08b-odd").open(folder, Weights.INT8)) {
            SpikingModel model = whole.with(new ModelSettings(Set.of(), type));
            int[] ids = randomIds(model, LENGTH + TAIL);
            Decoder decoder = new Decoder(model, 3);
            String expected = continuation(decoder, started(decoder, ids, LENGTH, LENGTH + TAIL), ids, LENGTH);
            DecoderState tight = decoder.allocate(LENGTH);
            tight.copyFrom(started(decoder, ids, LENGTH, 3000));
            DecoderState copy = decoder.allocate(LENGTH + TAIL);
            copy.copyFrom(tight);
            assertThat(continuation(decoder, copy, ids, LENGTH)).isEqualTo(expected);
        }
    }

    /** A window of 128 positions, whose keys and values begin again at the front of their store several times. */
    @ParameterizedTest
    @EnumSource(KeyValueType.class)
    void singlePositionsReadTheSameKeysAndValuesAsSeveral(KeyValueType type) {
        Path tiny = Fixtures.projectRoot().resolve("datasets/models/tiny");
        try (SpikingModel whole = SpikingModel.open(tiny, Families.all())) {
            SpikingModel model = whole.with(new ModelSettings(Set.of(), type));
            int length = 500;
            int[] ids = randomIds(model, length + TAIL);
            Decoder one = new Decoder(model, 1);
            Decoder several = new Decoder(model, 7);
            String expected = continuation(several, started(several, ids, length, length + TAIL), ids, length);
            assertThat(continuation(one, started(one, ids, length, length + TAIL), ids, length))
                    .isEqualTo(expected);
        }
    }

    @Test
    void refusesToCopyIntoAStateThatIsTooSmall() {
        try (SpikingModel model = GoldenCase.load("c1-tiny-08b").open(folder, Weights.INT8)) {
            Decoder decoder = new Decoder(model, 4);
            DecoderState source = started(decoder, randomIds(model, 40), 40, 40);
            DecoderState small = decoder.allocate(5);
            assertThatThrownBy(() -> small.copyFrom(source))
                    .hasMessageContaining("40")
                    .hasMessageContaining(String.valueOf(small.maxPositions()));
        }
    }

    private static int[] randomIds(SpikingModel model, int length) {
        Random random = new Random(5);
        return IntStream.range(0, length)
                .map(i -> random.nextInt(model.config().vocabSize()))
                .toArray();
    }

    private static DecoderState started(Decoder decoder, int[] ids, int positions, int capacity) {
        DecoderState state = decoder.allocate(capacity);
        decode(decoder, state, ids, 0, positions, new int[positions * decoder.vocabulary()]);
        return state;
    }

    /** Logit bits of the next positions, and all that was counted. */
    private static String continuation(Decoder decoder, DecoderState state, int[] ids, int from) {
        assertThat(state.position()).isEqualTo(from);
        int[] bits = new int[TAIL * decoder.vocabulary()];
        decode(decoder, state, ids, from, from + TAIL, bits);
        String counts = state.position() + " "
                + Arrays.toString(decoder.spikes(state).spikes()) + " " + decoder.operations(state);
        return counts + " " + Arrays.hashCode(bits);
    }

    private static void decode(Decoder decoder, DecoderState state, int[] ids, int from, int to, int[] bits) {
        int vocabulary = decoder.vocabulary();
        for (int at = from; at < to; at += decoder.maxColumns()) {
            int end = Math.min(at + decoder.maxColumns(), to);
            decoder.clear();
            for (int i = at; i < end; i++) {
                decoder.add(state, ids[i], true);
            }
            decoder.run();
            for (int i = 0; i < (end - at) * vocabulary; i++) {
                bits[(at - from) * vocabulary + i] = Float.floatToRawIntBits(decoder.logits()[i]);
            }
        }
    }
}

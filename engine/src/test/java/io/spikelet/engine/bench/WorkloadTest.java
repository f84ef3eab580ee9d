package io.spikelet.engine.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.spikelet.engine.GoldenCase;
import io.spikelet.engine.decode.Decoder;
import io.spikelet.engine.decode.DecoderState;
import io.spikelet.engine.family.Families;
import io.spikelet.engine.kernel.KernelProvider;
import io.spikelet.engine.model.MappedWeights;
import io.spikelet.engine.model.SpikingModel;
import io.spikelet.engine.telemetry.SpikeStatistics;
import io.spikelet.engine.tensor.Int8Matrix;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The work that is timed is the work it claims to be. */
final class WorkloadTest {
    private static final long SEED = 11;

    @TempDir
    private Path folder;

    private SpikingModel model;
    private Decoder decoder;

    @BeforeEach
    void open() {
        model = GoldenCase.load("c1-tiny-08b").open(folder, GoldenCase.Weights.INT8_EMBEDDING);
        decoder = new Decoder(model, 8, 320);
    }

    @AfterEach
    void close() {
        model.close();
    }

    @Test
    void aSpanStaysAroundItsContextAndWithinWhatWasTrained() {
        assertThat(ContextSpan.near(20, model.config())).isEqualTo(new ContextSpan(20, 12, 16));
        assertThat(ContextSpan.near(448, model.config())).isEqualTo(new ContextSpan(56, 48, 16));
        assertThat(ContextSpan.near(1, model.config()).first()).isEqualTo(1);
    }

    @Test
    void sequencesWithTheSamePastSpikeApartAndReturnToItAtTheEndOfTheSpan() {
        ContextSpan span = ContextSpan.near(20, model.config());
        DecoderState start = DecodeWorkload.prefilled(decoder, span, 5, SEED);
        assertThat(start.position()).isEqualTo(span.first());
        DecodeWorkload workload = new DecodeWorkload(decoder, span, start, 3, SEED);
        workload.batch(2);

        assertThat(workload.prepare()).isEqualTo(16);
        workload.run(10);
        assertThat(workload.prepare()).isEqualTo(6);
        workload.run(6);
        assertThat(workload.prepare()).isEqualTo(16);
        assertThat(workload.tokensPerStep()).isEqualTo(2);
        assertThat(start.position()).isEqualTo(span.first());
    }

    @Test
    void talliesTheSpikesOfEveryPositionOnce() {
        ContextSpan span = ContextSpan.near(20, model.config());
        DecoderState start = DecodeWorkload.prefilled(decoder, span, 5, SEED);
        DecodeWorkload workload = new DecodeWorkload(decoder, span, start, 2, SEED + 1);
        workload.batch(2);
        workload.run(16);
        workload.prepare();
        workload.run(3);
        SpikeStatistics fired = workload.fired();

        // The same tokens by hand: those of the first stretch, then the next ones from the start again.
        TokenSource tokens = new TokenSource(320, SEED + 1);
        SpikeStatistics expected = SpikeStatistics.none(model.config().populations());
        for (int steps : new int[] {16, 3}) {
            List<DecoderState> states = List.of(decoder.allocate(span.end()), decoder.allocate(span.end()));
            states.forEach(state -> state.copyFrom(start));
            for (int step = 0; step < steps; step++) {
                decoder.clear();
                states.forEach(state -> decoder.add(state, tokens.next(), true));
                decoder.run();
            }
            for (DecoderState state : states) {
                expected = expected.merge(decoder.spikes(state).minus(decoder.spikes(start)));
            }
        }
        assertThat(fired.positions()).isEqualTo(expected.positions());
        assertThat(fired.spikes()).isEqualTo(expected.spikes());
        assertThat(fired.count("encoder", 0)).isPositive();
        assertThat(workload.fired().spikes()).isEqualTo(fired.spikes());
    }

    @Test
    void aPromptIsReadToItsEnd() {
        DecoderState state = decoder.allocate(30);
        TokenSource tokens = new TokenSource(320, SEED);
        PromptWorkload workload = new PromptWorkload(decoder, state, tokens, 30, 8, false);
        workload.run(2);

        assertThat(state.position()).isEqualTo(30);
        assertThat(workload.tokensPerStep()).isEqualTo(30);
        int lastPassColumn = 30 % 8 - 1;
        assertThat(decoder.logitsOffset(lastPassColumn)).isZero();
        assertThatThrownBy(() -> decoder.logitsOffset(lastPassColumn - 1)).hasMessageContaining("no logits");
    }

    @Test
    void theSilentInputsAreTheRestOfEveryMatrixWithSpikes() {
        SpikeStatistics rates = new SpikeStatistics( // of 4 positions of 64 and 192 units
                4, model.config().populations(), new long[] {64, 384, 192, 768, 128, 192, 256});
        try (MappedWeights weights = MappedWeights.map(model.directory(), Families.all());
                SilentInputs silent =
                        new SilentInputs(folder.resolve("silent"), weights, rates, KernelProvider.kernels())) {
            List<Int8Matrix> matrices = silent.matrices();
            assertThat(matrices).extracting(Int8Matrix::inputs).containsExactly(48, 96, 32, 144, 16); // none of 192
            Int8Matrix source = (Int8Matrix) weights.matrix("blocks.1.ffn.down.weight");
            Int8Matrix panels = matrices.get(3);
            for (int n = 0; n < 64; n += 7) {
                for (int k = 0; k < 144; k += 11) {
                    long from = source.layout().index(n, 48 + k, 64, 192);
                    long to = panels.layout().index(n, k, 64, 144);
                    assertThat(panels.data().get(ValueLayout.JAVA_BYTE, to))
                            .isEqualTo(source.data().get(ValueLayout.JAVA_BYTE, from));
                }
            }
            silent.multiply();
        }
    }

    @Test
    void aStopwatchNeverRunsMoreStepsThanThereIsRoomFor() {
        AtomicIntegerArray steps = new AtomicIntegerArray(2);
        try (Machine machine = new Machine(model.directory());
                Crew crew = new Crew(2)) {
            List<Sample> samples = new Stopwatch(machine, 0.01)
                    .measure(crew, List.of(new Stretches(steps, 0, 7), new Stretches(steps, 1, 3)));

            assertThat(samples).isNotEmpty().allSatisfy(sample -> {
                assertThat(sample.tokensPerSecond()).isPositive();
                assertThat(sample.speed().readBytesPerSecond()).isPositive();
                assertThat(sample.speed().multiplyAddsPerSecond()).isPositive();
                assertThat(sample.allocatedBytesPerToken()).isNaN();
            });
        }
        assertThat(steps.get(0)).isPositive().isEqualTo(steps.get(1));
    }

    @Test
    void figuresTakeTurnsWithAsManyRepetitionsEach() {
        List<String> calls = new ArrayList<>();
        try (Crew crew = new Crew(1);
                Machine machine = new Machine(model.directory())) {
            List<List<Sample>> samples = new Stopwatch(machine, 0.01)
                    .measureInTurns(crew, List.of(List.of(new Named("a", calls)), List.of(new Named("b", calls))));

            assertThat(samples).hasSize(2);
            int turns = samples.getFirst().size();
            assertThat(samples.getLast()).hasSize(turns);
            List<String> last = calls.subList(calls.size() - 2 * turns, calls.size());
            for (int i = 0; i < last.size(); i++) {
                assertThat(last.get(i)).isEqualTo(i % 2 == 0 ? "a" : "b");
            }
        }
    }

    /** Notes each stretch. */
    private record Named(String name, List<String> calls) implements Workload {
        @Override
        public int prepare() {
            return Integer.MAX_VALUE;
        }

        @Override
        public void run(int steps) {
            calls.add(name);
        }

        @Override
        public int tokensPerStep() {
            return 1;
        }
    }

    @Test
    void aFailureOnOneThreadOfACrewReachesTheCaller() {
        try (Crew crew = new Crew(2)) {
            assertThatThrownBy(() -> crew.run(thread -> {
                        if (thread == 1) {
                            throw new IllegalArgumentException("broken");
                        }
                    }))
                    .hasMessageContaining("broken")
                    .hasCauseInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void theMedianOfAnEvenNumberIsBetweenTheMiddleTwo() {
        assertThat(Spread.of(3, 1, 2)).isEqualTo(new Spread(2, 1, 3));
        assertThat(Spread.of(4, 1, 2, 8).median()).isCloseTo(3, within(1e-12));
        assertThatThrownBy(Spread::of).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void optionsOutOfRangeSayWhatTheLimitIs() {
        BenchmarkOptions standard = BenchmarkOptions.standard();

        assertThatThrownBy(() -> standard.withBatches(List.of(4, 0))).hasMessage("batch is 0; it must be 1 to 1024");
        assertThatThrownBy(() -> standard.withSeconds(0)).hasMessageContaining("seconds is 0.0");
        assertThatThrownBy(() -> standard.withSeconds(Double.NaN)).hasMessageContaining("seconds is NaN");
        assertThat(standard.withBatches(List.of(4, 4, 2)).pairBatches()).containsExactly(4, 2);
        assertThat(BenchmarkOptions.quick().withBatches(List.of(4)).pairBatches())
                .isEmpty();
    }

    /** Room for so many steps at a time; notes that it never has to do more. */
    private record Stretches(AtomicIntegerArray steps, int thread, int room) implements Workload {
        @Override
        public int prepare() {
            return room;
        }

        @Override
        public void run(int count) {
            assertThat(count).isBetween(1, room);
            steps.addAndGet(thread, count);
        }

        @Override
        public int tokensPerStep() {
            return 1;
        }
    }
}

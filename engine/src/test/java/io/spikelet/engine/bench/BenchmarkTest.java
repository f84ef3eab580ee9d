package io.spikelet.engine.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.spikelet.engine.GoldenCase;
import io.spikelet.engine.convert.RoundedInputs;
import io.spikelet.engine.family.Families;
import io.spikelet.engine.model.KeyValueType;
import io.spikelet.engine.model.SpikingModel;
import io.spikelet.engine.model.TokenCost;
import io.spikelet.engine.telemetry.KernelChoice;
import io.spikelet.engine.telemetry.SpikeStatistics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole runs on a golden model: what is counted is checked, how fast it is never. */
final class BenchmarkTest {
    private static final double SECONDS = 0.01;

    @TempDir
    private Path folder;

    private final List<String> progress = new ArrayList<>();

    @Test
    void measuresEveryFigureWithinTheContextThatTheModelWasTrainedFor() {
        BenchmarkOptions options =
                new BenchmarkOptions(List.of(1, 3), List.of(2), List.of(64, 448), 512, SECONDS, false, null);

        BenchmarkReport report =
                Benchmark.run(model(GoldenCase.Weights.INT8_EMBEDDING), Families.all(), options, progress::add);

        boolean two = Runtime.getRuntime().availableProcessors() > 1;
        // max_seq_len is 64: both contexts become 56, in the middle of a stretch of 16 positions that ends at 64.
        assertThat(report.decode())
                .extracting(figure -> List.of(figure.batch(), figure.context(), figure.threads()))
                .containsExactlyElementsOf(
                        two
                                ? List.of(List.of(1, 56, 1), List.of(3, 56, 1), List.of(2, 56, 2))
                                : List.of(List.of(1, 56, 1), List.of(3, 56, 1)));
        // what else the machine had to do is its own affair
        assertThat(report.notes())
                .filteredOn(note -> !note.startsWith("the machine was busy") && !note.contains("of its bound"))
                .hasSize(two ? 0 : 1);
        assertThat(report.prefill().tokens()).isEqualTo(64);
        assertThat(report.scoring().tokens()).isEqualTo(64);
        assertThat(report.ladder()).isEmpty();
        assertThat(report.model().vocabulary()).isEqualTo(320);
        assertThat(progress).hasSize(report.decode().size() + 5);
        report.decode().forEach(figure -> assertMeasured(figure.throughput()));
        assertThat(report.denseProducts())
                .extracting(DenseFigure::columns)
                .containsExactly(1, 16, BenchmarkContext.BLOCK);
        report.denseProducts().forEach(figure -> assertMeasured(figure.throughput()));
        assertThat(report.denseProducts().getFirst().throughput().cost().bytes())
                .isEqualTo(report.decode().getFirst().throughput().cost().denseBytes());
        assertMeasured(report.prefill().throughput());
        assertMeasured(report.scoring().throughput());
        assertThat(report.readBytesPerSecond().min()).isPositive();
        assertThat(report.multiplyAddsPerSecond().min()).isPositive();
        assertThat(report.integerMultiplyAddsPerSecond().min()).isPositive();
        assertThat(report.memory().mapMillis().min()).isPositive();
        assertThat(report.allocatedBytesPerToken()).isNotNegative();
    }

    @Test
    void countsTheWorkOfATokenFromTheSpikesItSaw() {
        BenchmarkOptions options = new BenchmarkOptions(List.of(1), List.of(), List.of(64), 8, SECONDS, false, null);

        BenchmarkReport report =
                Benchmark.run(model(GoldenCase.Weights.INT8_EMBEDDING), Families.all(), options, progress::add);

        TokenCost cost = report.decode().getFirst().throughput().cost();
        assertThat(cost.denseBytes()).isEqualTo(3 * (4 * 64 * 64 + 192 * 64) + 320 * 64 + 64 * 64 + 320 * 16);
        assertThat(cost.denseMultiplyAdds()).isEqualTo(3 * (4 * 64 * 64 + 192 * 64) + 320 * 64 + 16 * 64 + 320 * 16);
        assertThat(cost.keyValueBytes()).isCloseTo(3 * (17 + 4) * 64 * 8, within(1e-6)); // window 16, 4 anchors
        SpikeStatistics fired = report.fired();
        assertThat(fired.rate("encoder").orElseThrow()).isBetween(0.0, 1.0).isPositive();
        double[] ffn = fired.rates("ffn");
        double[] block = fired.rates("block");
        for (double[] rates : new double[][] {ffn, block}) {
            assertThat(rates).hasSize(3);
            for (double rate : rates) {
                assertThat(rate).isBetween(0.0, 1.0);
            }
        }
        double entering = fired.rate("encoder").orElseThrow() + block[0] + block[1];
        double hidden = ffn[0] + ffn[1] + ffn[2];
        assertThat(cost.spikeBytes()).isCloseTo((entering * 64 + hidden * 192) * 64, within(1e-6));
    }

    @Test
    void theJsonHasEveryKeyOfTheContract() {
        BenchmarkOptions options = new BenchmarkOptions(List.of(1, 2), List.of(), List.of(64), 8, SECONDS, false, null);

        JsonNode json = Benchmark.run(model(GoldenCase.Weights.INT8_EMBEDDING), Families.all(), options, progress::add)
                .toJson();

        for (String key : List.of(
                "read_gigabytes_per_second",
                "fma_giga_per_second",
                "integer_giga_per_second",
                "map_millis",
                "allocated_bytes_per_token")) {
            assertThat(json.get(key).isNumber()).as(key).isTrue();
        }
        boolean linux = Files.exists(Path.of("/proc/self/status"));
        assertThat(json.get("resident_overhead_megabytes").isNumber()).isEqualTo(linux);
        assertThat(json.at("/dense_products/0/share_of_bound")).isEqualTo(json.at("/dense_products/0/share_of_read"));
        assertThat(json.at("/prefill/tokens").intValue()).isEqualTo(8);
        assertThat(json.at("/prefill/tokens_per_second").isNumber()).isTrue();
        assertThat(json.at("/prefill/share_of_bound").isNumber()).isTrue();
        assertThat(json.get("decode")).hasSize(2);
        assertThat(json.at("/decode/1/batch").intValue()).isEqualTo(2);
        assertThat(json.at("/decode/1/context").intValue()).isEqualTo(56);
        assertThat(json.at("/decode/1/threads").intValue()).isEqualTo(1);
        assertThat(json.at("/decode/0/share_of_bound")).isEqualTo(json.at("/decode/0/share_of_read"));
        assertThat(json.at("/decode/1/share_of_bound")).isEqualTo(json.at("/decode/1/share_of_fma"));
        for (String key : List.of("encoder", "ffn", "block")) {
            assertThat(json.get("firing_rate").get(key).isNumber()).as(key).isTrue();
        }
        assertThat(json.has("ladder")).isFalse();
    }

    @Test
    void theLadderClimbsFromScalarFloatsToSkippedSpikesAndCleansUp() throws IOException {
        BenchmarkOptions options = new BenchmarkOptions(List.of(1), List.of(), List.of(64), 8, SECONDS, true, null);
        List<Path> before = ladderFolders();

        BenchmarkReport report =
                Benchmark.run(model(GoldenCase.Weights.INT8_EMBEDDING), Families.all(), options, progress::add);

        assertThat(report.ladder())
                .extracting(
                        step -> step.weights() + " " + step.kernels().split("-", 2)[0] + " " + step.skipsSilentInputs())
                .containsExactly(
                        "fp32 scalar true",
                        "fp32 " + kernels() + " true",
                        "int8 " + kernels() + " false",
                        "int8 " + kernels() + " true");
        report.ladder().forEach(step -> assertMeasured(step.throughput()));
        TokenCost floats = report.ladder().get(1).throughput().cost();
        TokenCost dense = report.ladder().get(2).throughput().cost();
        TokenCost spiking = report.ladder().get(3).throughput().cost();
        assertThat(floats.denseBytes()).isEqualTo(4 * spiking.denseBytes());
        assertThat(dense.spikeBytes()).isEqualTo(3 * (64 * 64 + 192 * 64)).isGreaterThan(spiking.spikeBytes());
        assertThat(report.toJson().get("ladder")).hasSize(4);
        assertThat(ladderFolders()).isEqualTo(before);
    }

    @Test
    void theLadderOfRoundedInputsEndsWithTheNativeLibraryIfThereIsOne() {
        BenchmarkOptions options =
                new BenchmarkOptions(List.of(1, 2), List.of(), List.of(64), 8, SECONDS, true, KeyValueType.INT8);
        Path model = RoundedInputs.write(model(GoldenCase.Weights.INT8_EMBEDDING), folder.resolve("w8a8"));

        BenchmarkReport report = Benchmark.run(model, Families.all(), options, progress::add);

        boolean library = !KernelChoice.nativeLevels().isEmpty() && kernels().equals("vector");
        assertThat(report.ladder())
                .extracting(OptimizationStep::name)
                .startsWith("scalar FP32", "vector FP32, mixed layout")
                .contains("vector W8A8, silent inputs skipped")
                .hasSize(library ? 5 : 4);
        if (library) {
            assertThat(report.ladder().getLast().name()).isEqualTo("native W8A8, silent inputs skipped");
        }
        Throughput pair = report.decode().getLast().throughput();
        assertThat(pair.integers()).isTrue();
        assertThat(pair.cost().keyValueBytes())
                .isCloseTo(3 * (17 + 4) * 2 * (64 + 4 * 4.0), within(1e-6)); // 4 heads, a float for each
    }

    @Test
    void theLadderOfAFloatModelIsRefusedBeforeAnythingIsMeasured() {
        BenchmarkOptions options = BenchmarkOptions.quick().withLadder(true);
        Path model = model(GoldenCase.Weights.FP32);

        assertThatThrownBy(() -> Benchmark.run(model, Families.all(), options, progress::add))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is float32")
                .hasMessageContaining("--weights int8");
        assertThat(progress).isEmpty();
    }

    private static void assertMeasured(Throughput throughput) {
        assertThat(throughput.repetitions()).isPositive();
        assertThat(throughput.tokensPerSecond().min()).isPositive().isFinite();
        assertThat(throughput.coreShare()).isPositive();
        assertThat(throughput.shareOfRead().median()).isPositive().isFinite();
        assertThat(throughput.shareOfArithmetic().median()).isPositive().isFinite();
    }

    private static String kernels() {
        return MachineDescription.ofThisJvm().kernels().split("-", 2)[0];
    }

    private static List<Path> ladderFolders() throws IOException {
        try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return files.filter(file -> file.getFileName().toString().startsWith("spikelet-ladder"))
                    .toList();
        }
    }

    private Path model(GoldenCase.Weights weights) {
        try (SpikingModel model = GoldenCase.load("c1-tiny-08b").open(folder, weights)) {
            return model.directory();
        }
    }
}

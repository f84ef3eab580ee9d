package io.spikelet.engine.family.bispikclm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.spikelet.engine.bench.Benchmark;
import io.spikelet.engine.bench.BenchmarkOptions;
import io.spikelet.engine.bench.BenchmarkReport;
import io.spikelet.engine.bench.DenseTwinFigure;
import io.spikelet.engine.family.Families;
import io.spikelet.engine.model.CostModel;
import io.spikelet.engine.model.SpikingModel;
import io.spikelet.engine.model.TokenCost;
import io.spikelet.engine.telemetry.Population;
import io.spikelet.engine.telemetry.SpikeStatistics;
import io.spikelet.engine.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Counts by hand, and what a benchmark makes of them: width 64, hidden 128, 4 heads of 16, 3 layers, T = 4, 300 ids. */
final class BispikclmCostsTest {
    private static final Offset<Double> EXACT = within(1e-6);
    private static final int T = 4;
    private static final int SQUARE = 64 * 64;
    private static final int MLP = 64 * 128;
    private static final int HEAD = 300 * 64;

    /** Rates of the layers, by population. */
    private static final Map<String, double[]> RATES = Map.of(
            "input", new double[] {0.25},
            "q", new double[] {0.25, 0.5, 0.125},
            "k", new double[] {0.5, 0.25, 0.25},
            "v", new double[] {0.25, 0.25, 0.5},
            "context", new double[] {0.5, 0.25, 0.125},
            "c", new double[] {0.25, 0.5, 0.75},
            "u", new double[] {0.5, 0.125, 0.25},
            "d", new double[] {0.25, 0.25, 0.25},
            "h", new double[] {0.25, 0.5, 0.75});

    @TempDir
    private Path folder;

    private final List<String> progress = new ArrayList<>();
    private CostModel costs;
    private SpikeStatistics fired;

    @Test
    void aSpikeAddsItsVectorOnceAStepAndAKeyIsComparedWordByWord() {
        load("b1-r-t4");
        TokenCost cost = costs.decode(1, 9, 1, fired); // sees 10 keys

        // The first block reads an analogue current: q, k, v and fc1 are dense there, in each step.
        assertThat(cost.denseMultiplyAdds()).isEqualTo(T * (3 * SQUARE + MLP) + HEAD);
        double qkv = 3 * SQUARE * (0.25 + 0.5); // of the output of the block before
        double out = SQUARE * (0.5 + 0.25 + 0.125);
        double fc1 = MLP * (1 - 0.75 * 0.5 + 1 - 0.5 * 0.25); // the stream and what attention adds to it
        double fc2 = MLP * (0.5 + 0.125 + 0.25);
        assertThat(cost.additions()).isCloseTo(T * (qkv + out + fc1 + fc2), EXACT);
        assertThat(cost.wordOperations()).isEqualTo(2.0 * 3 * T * 4 * 10); // AND and comparison, a word for each head
        assertThat(cost.spikeOperations()).isEqualTo(cost.additions() + cost.wordOperations());
        assertThat(cost.otherLanes()).isEqualTo(cost.additions() + 2 * cost.wordOperations());
        assertThat(cost.keyValueBytes()).isEqualTo(2 * 3 * T * 64 * 10 / 8.0);
        double all = 1 - Math.pow(0.5, T); // a vector is read once for all steps
        double some = 1 - Math.pow(0.75, T);
        double few = 1 - Math.pow(0.875, T);
        assertThat(cost.spikeBytes())
                .isCloseTo(
                        3 * SQUARE * (some + all)
                                + SQUARE * (all + some + few)
                                + MLP * (1 - Math.pow(0.75 * 0.5, T) + 1 - Math.pow(0.5 * 0.25, T))
                                + MLP * (all + few + some),
                        EXACT);
    }

    @Test
    void theOperationsOfATokenDoNotShrinkWithTheBatchAndThoseOfAttentionGrowWithTheContext() {
        load("b1-r-t4");
        TokenCost alone = costs.decode(1, 9, 1, fired);
        TokenCost batch = costs.decode(8, 9, 1, fired);
        TokenCost later = costs.decode(1, 19, 1, fired);

        assertThat(batch.additions()).isEqualTo(alone.additions());
        assertThat(batch.wordOperations()).isEqualTo(alone.wordOperations());
        assertThat(batch.spikeBytes()).isLessThan(alone.spikeBytes());
        assertThat(later.wordOperations()).isEqualTo(2 * alone.wordOperations());
        assertThat(later.additions()).isEqualTo(alone.additions());
    }

    @Test
    void whereValuesAreSummedEachOneOfThemIsAnAddition() {
        load("b5-i-t4");
        TokenCost near = costs.decode(1, 9, 1, fired);
        TokenCost far = costs.decode(1, 19, 1, fired);

        double ones = 0;
        for (int layer = 0; layer < 3; layer++) {
            double both = RATES.get("q")[layer] * RATES.get("k")[layer];
            ones += (1 - Math.pow(1 - both, 16)) * RATES.get("v")[layer];
        }
        assertThat(far.additions() - near.additions()).isCloseTo(T * ones * 64 * 10, EXACT);
    }

    @Test
    void decodingIsMeasuredInTurnsWithTheDenseTwin() throws IOException {
        List<Path> before = temporary();
        Path model = BinaryCase.load("b1-r-t4").convert(folder, DType.INT8, "checkpoint.pt");

        BenchmarkReport report = Benchmark.run(model, Families.all(), options(), progress::add);

        assertThat(report.twins())
                .extracting(figure -> List.of(figure.batch(), figure.steps()))
                .containsExactly(List.of(1, 1), List.of(1, T), List.of(3, 1), List.of(3, T));
        long body = 3L * (4 * SQUARE + 2 * MLP);
        for (DenseTwinFigure figure : report.twins()) {
            TokenCost cost = figure.dense().cost();
            assertThat(cost.multiplyAdds()).isEqualTo(figure.steps() * body + HEAD);
            assertThat(cost.bytes()).isEqualTo((body + 320.0 * 64) / figure.batch()); // the head in whole panels
            assertThat(cost.spikeOperations()).isZero();
            assertThat(figure.dense().tokensPerSecond().min()).isPositive();
            assertThat(figure.ratio().min())
                    .isPositive()
                    .isLessThanOrEqualTo(figure.ratio().median());
            assertThat(figure.shareOfBound().median()).isPositive();
        }
        TokenCost decoding = report.decode().getLast().throughput().cost();
        assertThat(report.denseProducts())
                .isNotEmpty()
                .allMatch(figure -> figure.throughput().cost().denseMultiplyAdds() == decoding.denseMultiplyAdds());
        assertThat(decoding.wordOperations()).isPositive();
        assertThat(decoding.additions()).isPositive();
        JsonNode json = report.toJson();
        assertThat(json.get("dense_twin")).hasSize(4);
        assertThat(json.at("/dense_twin/1/steps").intValue()).isEqualTo(T);
        assertThat(json.at("/dense_twin/1/speed_ratio").isNumber()).isTrue();
        assertThat(json.at("/decode/0/additions_per_token").doubleValue()).isPositive();
        assertThat(json.at("/decode/0/word_operations_per_token").doubleValue()).isPositive();
        assertThat(temporary()).isEqualTo(before);
    }

    @Test
    void aFloatModelHasNoTwinInInt8AndSaysSo() {
        Path model = BinaryCase.load("b1-r-t4").convert(folder, DType.FLOAT32, "checkpoint.pt");

        BenchmarkReport report = Benchmark.run(model, Families.all(), options(), progress::add);

        assertThat(report.twins()).isEmpty();
        assertThat(report.notes()).anyMatch(note -> note.contains("dense twin") && note.contains("--weights int8"));
        assertThat(report.toJson().has("dense_twin")).isFalse();
    }

    private static BenchmarkOptions options() {
        return new BenchmarkOptions(List.of(1, 3), List.of(), List.of(8), 8, 0.01, false, null);
    }

    private static List<Path> temporary() throws IOException {
        try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return files.filter(file -> file.getFileName().toString().startsWith("spikelet-dense"))
                    .toList();
        }
    }

    private void load(String name) {
        try (SpikingModel model = BinaryCase.load(name).open(folder, DType.INT8)) {
            costs = model.config().costs(model.manifest(), 300);
            List<Population> populations = model.config().populations();
            long[] counts = populations.stream()
                    .flatMapToLong(population -> DoubleStream.of(RATES.get(population.name()))
                            .mapToLong(rate -> Math.round(rate * population.units())))
                    .toArray();
            fired = new SpikeStatistics(1, populations, counts);
        }
    }
}

package io.spikelet.engine.bench;

import io.spikelet.engine.decode.Decoder;
import io.spikelet.engine.decode.DecoderState;
import io.spikelet.engine.model.KeyValueType;
import io.spikelet.engine.model.MappedWeights;
import io.spikelet.engine.model.ModelFamilies;
import io.spikelet.engine.model.ModelManifest;
import io.spikelet.engine.model.ModelSettings;
import io.spikelet.engine.model.Scheme;
import io.spikelet.engine.model.SpikingModel;
import io.spikelet.engine.model.TokenCost;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Benchmarks a model directory on this machine: opening it, decoding, and reading prompts. The limits of the core are
 * measured between the repetitions of each figure, for comparison. Every figure is warmed up and is the median of at
 * least five repetitions, if its time limit allows that many.
 *
 * <p>Runs on the caller's thread; two decoders at once run on two further threads. Run one benchmark at a time, since
 * two at once would distort each other's figures.
 */
public final class Benchmark {
    private static final int OPENINGS = 9;
    private static final double QUIET = 0.9;

    private Benchmark() {}

    /**
     * Runs a benchmark.
     *
     * @param families known to this program
     * @param progress receives a line after each figure
     * @throws io.spikelet.engine.model.ModelFormatException if the directory is not a valid model
     * @throws IllegalArgumentException if the ladder is requested for a model that is not INT8
     */
    public static BenchmarkReport run(
            Path directory, ModelFamilies families, BenchmarkOptions options, Consumer<String> progress) {
        double first = openMillis(directory, families);
        double[] millis = new double[OPENINGS];
        for (int i = 0; i < millis.length; i++) {
            millis[i] = openMillis(directory, families);
        }
        ModelSettings settings = new ModelSettings(Set.of(), options.keyValueCache());
        try (SpikingModel model = SpikingModel.open(directory, families).with(settings);
                Machine machine = new Machine(directory)) {
            if (options.ladder()) {
                OptimizationSteps.requireInt8(model);
            }
            BenchmarkContext session = new BenchmarkContext(model, families, options, machine, progress);
            return run(session, first, Spread.of(millis));
        }
    }

    /** Prompts come first: they call every kernel often enough that it is compiled before single tokens are timed. */
    private static BenchmarkReport run(BenchmarkContext session, double firstMapMillis, Spread mapMillis) {
        new WarmUp(session).run();
        List<DenseFigure> denseProducts = denseProducts(session);
        PromptFigure prefill = prompt(session, false);
        PromptFigure scoring = prompt(session, true);
        DecodeFigures decoding = new DecodeFigures(session);
        decoding.measure();
        List<OptimizationStep> ladder = session.options.ladder() ? new OptimizationSteps(session).climb() : List.of();
        noteBusyMachine(session, decoding.figures());
        noteSharesAboveOne(session, denseProducts, List.of(prefill, scoring), decoding);
        return new BenchmarkReport(
                describe(session),
                MachineDescription.ofThisJvm(),
                session.stopwatch.readBytesPerSecond(),
                session.stopwatch.multiplyAddsPerSecond(),
                session.stopwatch.integerMultiplyAddsPerSecond(),
                new MemoryFigure(mapMillis, firstMapMillis, decoding.residentOverheadBytes(), decoding.stateBytes()),
                denseProducts,
                prefill,
                scoring,
                decoding.figures(),
                decoding.twins(),
                decoding.fired(),
                ladder,
                session.notes());
    }

    private static void noteBusyMachine(BenchmarkContext session, List<DecodeFigure> figures) {
        double least = figures.stream()
                .filter(figure -> figure.threads() == 1)
                .mapToDouble(figure -> figure.throughput().coreShare())
                .min()
                .orElse(1);
        if (least < QUIET) {
            session.note(
                    "the machine was busy: a figure had its core for %.0f%% of the time, so tokens/s are too low, while the shares hold"
                            .formatted(100 * least));
        }
    }

    /** Notes every share above 1: then the bound was wrong, and the reader must know which shares are unreliable. */
    private static void noteSharesAboveOne(
            BenchmarkContext session, List<DenseFigure> dense, List<PromptFigure> prompts, DecodeFigures decoding) {
        dense.forEach(figure -> noteShareAboveOne(
                session, "dense products, %d columns".formatted(figure.columns()), figure.shareOfBound()));
        prompts.forEach(figure ->
                noteShareAboveOne(session, figure.allLogits() ? "scoring" : "prefill", figure.shareOfBound()));
        decoding.figures()
                .forEach(figure -> noteShareAboveOne(
                        session,
                        "decode, batch %d, context %d, threads %d"
                                .formatted(figure.batch(), figure.context(), figure.threads()),
                        figure.shareOfBound()));
        decoding.twins()
                .forEach(figure -> noteShareAboveOne(
                        session,
                        "dense twin, batch %d, steps %d".formatted(figure.batch(), figure.steps()),
                        figure.shareOfBound()));
    }

    static void noteShareAboveOne(BenchmarkContext session, String figure, Spread share) {
        if (share.median() > 1) {
            session.note(
                    "%s: %.2f of its bound; the model fits into a cache, or the probe did not reach what the machine can do, so take no share of this run for more than an estimate"
                            .formatted(figure, share.median()));
        }
    }

    private static double openMillis(Path directory, ModelFamilies families) {
        long start = System.nanoTime();
        SpikingModel model = SpikingModel.open(directory, families);
        double millis = (System.nanoTime() - start) / 1e6;
        model.close();
        return millis;
    }

    private static List<DenseFigure> denseProducts(BenchmarkContext session) {
        List<DenseFigure> figures = new ArrayList<>();
        try (MappedWeights weights = MappedWeights.map(session.model.directory(), session.families)) {
            for (int columns : session.options.columns()) {
                DenseProducts products = DenseProducts.of(weights, session.vocabulary, columns);
                DenseFigure figure = new DenseFigure(
                        columns,
                        Throughput.of(
                                session.stopwatch.measure(session.alone, List.of(products)),
                                products.cost(),
                                session.integers));
                figures.add(figure);
                session.progress("dense products, %d columns: %.1f%% of the bound"
                        .formatted(columns, 100 * figure.shareOfBound().median()));
            }
        }
        return figures;
    }

    private static PromptFigure prompt(BenchmarkContext session, boolean allLogits) {
        int length =
                Math.min(session.options.promptTokens(), session.model.config().contextLength());
        Decoder decoder = session.decoder(BenchmarkContext.BLOCK);
        DecoderState state = decoder.allocate(length);
        TokenSource tokens = new TokenSource(session.vocabulary, BenchmarkContext.SEED);
        List<Sample> samples = session.stopwatch.measure(
                session.alone,
                List.of(new PromptWorkload(decoder, state, tokens, length, BenchmarkContext.BLOCK, allLogits)));
        TokenCost cost = session.costs.prompt(
                length, BenchmarkContext.BLOCK, allLogits ? 1 : 1.0 / length, decoder.spikes(state));
        Throughput throughput = Throughput.of(samples, cost, session.integers);
        session.progress("%s of %d: %.1f tokens/s"
                .formatted(
                        allLogits ? "scoring" : "prefill",
                        length,
                        throughput.tokensPerSecond().median()));
        return new PromptFigure(length, BenchmarkContext.BLOCK, allLogits, throughput);
    }

    private static ModelDescription describe(BenchmarkContext session) {
        ModelManifest manifest = session.model.manifest();
        return new ModelDescription(
                session.model
                        .directory()
                        .toAbsolutePath()
                        .normalize()
                        .getFileName()
                        .toString(),
                manifest.config().family().architecture(),
                manifest.config().variant(),
                Scheme.of(manifest).label(),
                session.model.config().keyValueCache().map(KeyValueType::label),
                manifest.parameterCount(),
                manifest.weightsBytes(),
                session.vocabulary);
    }
}

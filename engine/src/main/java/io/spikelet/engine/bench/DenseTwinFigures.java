package io.spikelet.engine.bench;

import io.spikelet.engine.model.DenseTwin;
import io.spikelet.engine.model.MappedWeights;
import io.spikelet.engine.model.TensorSpec;
import io.spikelet.engine.tensor.Layout;
import io.spikelet.engine.tensor.Matrix;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Measures decoding and the dense products of the same shape in turns. The products use the model's own codes: matrices
 * that are stored input-major are copied into panels in a temporary file.
 */
final class DenseTwinFigures implements AutoCloseable {
    private final BenchmarkContext session;
    private final DenseTwin twin;
    private final ScratchFolder folder;
    private final MappedWeights weights;
    private final PanelFile panels;
    private final List<Matrix> matrices = new ArrayList<>(); // of the twin, in the order of its forward pass

    private DenseTwinFigures(BenchmarkContext session, DenseTwin twin, ScratchFolder folder, MappedWeights weights) {
        this.session = session;
        this.twin = twin;
        this.folder = folder;
        this.weights = weights;
        List<Matrix> sources = sources(twin, weights);
        this.panels = new PanelFile(folder.path().resolve("dense.bin"), PanelFile.bytes(byInputs(sources)));
        for (Matrix source : sources) {
            matrices.add(source.layout() == Layout.INPUT_MAJOR ? panels.copy(source, 0) : source);
        }
    }

    /** Prepares the measurement. Empty if there is nothing to measure; a note says why, unless the model has no twin. */
    static Optional<DenseTwinFigures> open(BenchmarkContext session) {
        Optional<DenseTwin> twin = session.model.config().denseTwin();
        if (twin.isEmpty()) {
            return Optional.empty();
        }
        Optional<String> floats = OptimizationSteps.floatMatrix(session.model.manifest());
        if (floats.isPresent()) {
            session.note("the dense twin: left out, " + floats.get()
                    + " is float32 and the twin INT8; convert the checkpoint with --weights int8");
            return Optional.empty();
        }
        MappedWeights weights = MappedWeights.map(session.model.directory(), session.families);
        ScratchFolder folder = ScratchFolder.create("spikelet-dense");
        boolean ready = false;
        try {
            Optional<String> obstacle = folder.obstacle(PanelFile.bytes(byInputs(sources(twin.get(), weights))));
            if (obstacle.isPresent()) {
                session.note("the dense twin: left out, its weights have no room: " + obstacle.get());
                return Optional.empty();
            }
            DenseTwinFigures figures = new DenseTwinFigures(session, twin.get(), folder, weights);
            ready = true;
            return Optional.of(figures);
        } finally {
            if (!ready) {
                weights.close();
                folder.close();
            }
        }
    }

    private static List<Matrix> sources(DenseTwin twin, MappedWeights weights) {
        return twin.matrices().stream().map(spec -> weights.matrix(spec.name())).toList();
    }

    private static List<Matrix> byInputs(List<Matrix> sources) {
        return sources.stream()
                .filter(source -> source.layout() == Layout.INPUT_MAJOR)
                .toList();
    }

    /**
     * Measures the products once per token and, if the model has time steps, also once per time step; the batch of
     * {@code spiking} must be set.
     */
    List<DenseTwinFigure> measure(ContextSpan span, DecodeWorkload spiking) {
        int batch = spiking.tokensPerStep();
        int[] passes = IntStream.of(1, twin.steps()).distinct().toArray();
        List<DenseProducts> dense =
                IntStream.of(passes).mapToObj(steps -> products(batch, steps)).toList();
        List<List<Workload>> turns = new ArrayList<>();
        turns.add(List.of(spiking));
        dense.forEach(products -> turns.add(List.of(products)));
        List<List<Sample>> samples = session.stopwatch.measureInTurns(session.alone, turns);
        List<DenseTwinFigure> figures = new ArrayList<>();
        for (int i = 0; i < passes.length; i++) {
            List<Sample> ofDense = samples.get(i + 1);
            DenseTwinFigure figure = new DenseTwinFigure(
                    batch,
                    span.context(),
                    passes[i],
                    Throughput.of(ofDense, dense.get(i).cost(), false),
                    ratio(samples.getFirst(), ofDense));
            figures.add(figure);
            session.progress("decode, batch %d: %.2f times as fast as dense products in INT8, %d a token and matrix"
                    .formatted(batch, figure.ratio().median(), passes[i]));
        }
        return figures;
    }

    private DenseProducts products(int batch, int steps) {
        return new DenseProducts(
                IntStream.range(0, matrices.size())
                        .mapToObj(i -> new DenseProducts.Product(
                                matrices.get(i), outputs(i), isHead(i) ? batch : batch * steps))
                        .toList(),
                batch);
    }

    private int outputs(int matrix) {
        return DenseProducts.outputs(twin.matrices().get(matrix), session.vocabulary);
    }

    private boolean isHead(int matrix) {
        return twin.matrices().get(matrix).role() == TensorSpec.Role.HEAD;
    }

    private static Spread ratio(List<Sample> spiking, List<Sample> dense) {
        return Spread.of(IntStream.range(0, dense.size())
                .mapToDouble(
                        i -> spiking.get(i).tokensPerCoreSecond() / dense.get(i).tokensPerCoreSecond())
                .toArray());
    }

    @Override
    public void close() {
        panels.close();
        weights.close();
        folder.close();
    }
}

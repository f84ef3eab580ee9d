package io.spikelet.engine.bench;

import io.spikelet.engine.convert.Dequantizer;
import io.spikelet.engine.decode.Decoder;
import io.spikelet.engine.decode.DecoderState;
import io.spikelet.engine.kernel.KernelProvider;
import io.spikelet.engine.kernel.Kernels;
import io.spikelet.engine.kernel.ScalarKernels;
import io.spikelet.engine.model.MappedWeights;
import io.spikelet.engine.model.ModelManifest;
import io.spikelet.engine.model.Scheme;
import io.spikelet.engine.model.SpikingModel;
import io.spikelet.engine.model.TensorEntry;
import io.spikelet.engine.model.TokenCost;
import io.spikelet.engine.telemetry.SpikeStatistics;
import io.spikelet.engine.tensor.DType;
import io.spikelet.engine.tensor.Layout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The optimisations one after the other, each measured on one sequence, as in the ablations of papers in this field:
 * scalar FP32, vector FP32 with the mixed layout, vector INT8 with every input visited, INT8 that skips silent inputs;
 * for a W8A8 model the last one without and with the native library.
 *
 * <p>The FP32 steps run on a temporary model directory with the same weights, dequantised, and skip silent inputs, as
 * in those papers; scalar means this engine's scalar kernels on the same layouts, compiled by the same compiler. {@link
 * SilentInputs} describes the step that visits every input.
 */
final class OptimizationSteps {
    private final BenchmarkContext session;
    private final ContextSpan span;
    private final Kernels kernels = KernelProvider.kernels();
    private final List<OptimizationStep> steps = new ArrayList<>();

    OptimizationSteps(BenchmarkContext session) {
        this.session = session;
        this.span = ContextSpan.near(session.options.contexts().getFirst(), session.model.config());
    }

    /** @throws IllegalArgumentException if the weights are not INT8 */
    static void requireInt8(SpikingModel model) {
        floatMatrix(model.manifest()).ifPresent(name -> {
            throw new IllegalArgumentException(model.directory() + ": " + name + " is " + DType.FLOAT32.label()
                    + ", but the ladder starts from INT8 weights; convert the checkpoint with --weights int8");
        });
    }

    /** The first matrix with float32 weights among those used in products, if there is one. */
    static Optional<String> floatMatrix(ModelManifest manifest) {
        return manifest.tensors().stream()
                .filter(entry -> entry.shape().size() == 2 && entry.layout() != Layout.ROW_MAJOR)
                .filter(entry -> entry.dtype() == DType.FLOAT32)
                .map(TensorEntry::name)
                .findFirst();
    }

    List<OptimizationStep> climb() {
        try (ScratchFolder folder = ScratchFolder.create("spikelet-ladder")) {
            climb(folder);
        } catch (IOException e) {
            throw new UncheckedIOException("the ladder's temporary files: " + e.getMessage(), e);
        }
        return steps;
    }

    private void climb(ScratchFolder folder) throws IOException {
        long bytes = Dequantizer.weightsBytes(session.model.manifest());
        Optional<String> obstacle = folder.obstacle(bytes);
        if (obstacle.isPresent()) {
            session.note("the ladder's FP32 steps: left out, " + obstacle.get());
        } else {
            session.progress("ladder: writing %.1f GB of FP32 weights to %s".formatted(bytes / 1e9, folder.path()));
            Path directory = folder.path().resolve("fp32");
            Dequantizer.dequantize(session.model.directory(), session.families, directory);
            try (SpikingModel floats = SpikingModel.open(directory, session.families)) {
                climbFloat(floats, "scalar FP32", new ScalarKernels());
                climbFloat(floats, "vector FP32, mixed layout", kernels);
            }
        }
        climbInt8(folder.path());
    }

    private void climbFloat(SpikingModel floats, String name, Kernels chosen) {
        DecodeWorkload workload = workload(floats, chosen);
        List<Sample> samples = session.stopwatch.measure(session.alone, List.of(workload));
        TokenCost cost = floats.config()
                .costs(floats.manifest(), session.vocabulary)
                .decode(1, span.first(), span.steps(), workload.fired());
        add(name, chosen, "fp32", true, Throughput.of(samples, cost, false));
    }

    /** Runs the last step first, because its spike counts give the number of silent inputs. */
    private void climbInt8(Path folder) {
        DecodeWorkload spiking = workload(session.model, kernels);
        List<Sample> skipping = session.stopwatch.measure(session.alone, List.of(spiking));
        SpikeStatistics fired = spiking.fired();
        try (MappedWeights weights = MappedWeights.map(session.model.directory(), session.families);
                SilentInputs silent = new SilentInputs(folder.resolve("silent.bin"), weights, fired, kernels)) {
            List<Sample> visiting =
                    session.stopwatch.measure(session.alone, List.of(new DenseWorkload(spiking, silent)));
            TokenCost all = session.costs.decodeDense(span.first(), span.steps());
            addInt8("every input visited", kernels, false, visiting, all);
        }
        TokenCost cost = session.costs.decode(1, span.first(), span.steps(), fired);
        Kernels portable = KernelProvider.withoutNativeLibrary();
        if (session.integers && portable != kernels) {
            DecodeWorkload slower = workload(session.model, portable);
            List<Sample> samples = session.stopwatch.measure(session.alone, List.of(slower));
            addInt8("silent inputs skipped", portable, true, samples, cost);
        }
        addInt8("silent inputs skipped", kernels, true, skipping, cost);
    }

    /**
     * One sequence. Its context is read with the fast kernels, whichever kernels decode it afterwards, because the bits
     * are the same.
     */
    private DecodeWorkload workload(SpikingModel model, Kernels chosen) {
        Decoder reader = new Decoder(model, BenchmarkContext.BLOCK, session.vocabulary, kernels);
        DecoderState start = DecodeWorkload.prefilled(reader, span, BenchmarkContext.BLOCK, BenchmarkContext.SEED);
        Decoder decoder = new Decoder(model, BenchmarkContext.BLOCK, session.vocabulary, chosen);
        DecodeWorkload workload = new DecodeWorkload(decoder, span, start, 1, BenchmarkContext.SEED + 1);
        workload.batch(1);
        return workload;
    }

    private void addInt8(String inputs, Kernels used, boolean skips, List<Sample> samples, TokenCost cost) {
        String scheme = session.integers ? Scheme.W8A8.label() : DType.INT8.label();
        String by = session.integers && used == kernels && KernelProvider.withoutNativeLibrary() != kernels
                ? "native "
                : "vector ";
        Throughput throughput = Throughput.of(samples, cost, session.integers);
        add(by + scheme.toUpperCase(Locale.ROOT) + ", " + inputs, used, scheme, skips, throughput);
    }

    private void add(String name, Kernels used, String weights, boolean skips, Throughput throughput) {
        steps.add(new OptimizationStep(name, used.description(), weights, skips, span.context(), throughput));
        session.progress("ladder, %s: %.1f tokens/s"
                .formatted(name, throughput.tokensPerSecond().median()));
    }
}

package io.spikelet.engine.family.bispikclm;

import io.spikelet.engine.convert.Synthesizer;
import io.spikelet.engine.decode.Decoder;
import io.spikelet.engine.decode.DecoderState;
import io.spikelet.engine.family.Families;
import io.spikelet.engine.kernel.KernelProvider;
import io.spikelet.engine.kernel.Kernels;
import io.spikelet.engine.kernel.PackedColumns;
import io.spikelet.engine.model.SpikingModel;
import io.spikelet.engine.model.TensorSpec;
import io.spikelet.engine.tensor.Int8Matrix;
import io.spikelet.engine.tensor.Layout;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A token of each of some sequences, by spikes, compared with the products of the same matrices computed densely: for every time
 * step, and once as a transformer of that shape would.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 5)
@Measurement(iterations = 5, time = 3)
public class BinaryTokenBenchmark {
    private static final int CONTEXT = 64;

    @Param("bispikclm-125m")
    private String preset;

    @Param({"1", "16"})
    private int batch;

    private final SplittableRandom random = new SplittableRandom(7);
    private final Kernels kernels = KernelProvider.kernels();
    private final List<Int8Matrix> body = new ArrayList<>();
    private Int8Matrix head;
    private Path folder;
    private Arena arena;
    private SpikingModel model;
    private Decoder decoder;
    private DecoderState[] states; // (sequence)
    private int steps;
    private int position;
    private float[] input; // (column, hidden)
    private float[] output; // (column, output)

    @Setup
    public void setUp() throws IOException {
        folder = Files.createTempDirectory("spikelet-benchmark");
        Path directory = folder.resolve("model");
        Synthesizer.synthesize(Families.mappings().preset(preset), 1, directory, line -> {});
        model = SpikingModel.open(directory, Families.all());
        BispikclmConfig config = (BispikclmConfig) model.config();
        steps = config.steps();
        arena = Arena.ofShared();
        for (TensorSpec spec : config.tensors()) {
            boolean isHead = spec.name().equals(BispikclmTensors.weight(BispikclmTensors.HEAD));
            if (isHead) {
                head = dense(spec);
            } else if (spec.isMatrix() && spec.layout() != Layout.ROW_MAJOR) {
                body.add(dense(spec));
            }
        }
        input = new float[batch * steps * config.hidden()];
        for (int i = 0; i < input.length; i++) {
            input[i] = (float) random.nextGaussian();
        }
        output = new float[batch * Math.max(config.vocabSize(), steps * config.hidden())];
        decoder = new Decoder(model, batch);
        states = new DecoderState[batch];
        for (int i = 0; i < batch; i++) {
            states[i] = decoder.allocate(CONTEXT);
        }
    }

    private Int8Matrix dense(TensorSpec spec) {
        int outputs = spec.shape().getFirst();
        int inputs = spec.shape().getLast();
        MemorySegment data = arena.allocate(Layout.PANEL.elements(outputs, inputs), Layout.LANES);
        for (long at = 0; at < data.byteSize(); at += Long.BYTES) {
            data.set(ValueLayout.JAVA_LONG, at, random.nextLong() & 0x3f3f3f3f3f3f3f3fL); // codes 0 to 63
        }
        return new Int8Matrix(data, new float[outputs], outputs, inputs, Layout.PANEL);
    }

    @TearDown
    public void tearDown() throws IOException {
        decoder.close();
        model.close();
        arena.close();
        try (var files = Files.walk(folder)) {
            for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(file);
            }
        }
    }

    @Benchmark
    public float[] spikes() {
        if (position == CONTEXT) {
            position = 0;
            for (DecoderState state : states) {
                state.reset();
            }
        }
        decoder.clear();
        for (DecoderState state : states) {
            decoder.add(state, random.nextInt(model.config().vocabSize()), true);
        }
        decoder.run();
        position++;
        return decoder.logits();
    }

    @Benchmark
    public float[] denseEveryStep() {
        return multiply(batch * steps);
    }

    @Benchmark
    public float[] denseTwin() {
        return multiply(batch);
    }

    private float[] multiply(int columns) {
        for (Int8Matrix matrix : body) {
            multiply(matrix, columns);
        }
        multiply(head, batch);
        return output;
    }

    private void multiply(Int8Matrix matrix, int columns) {
        PackedColumns packed = new PackedColumns(columns, matrix.inputs());
        packed.pack(input, null, columns, matrix.inputs(), matrix.inputs());
        kernels.multiply(matrix, packed, matrix.outputs(), output, matrix.outputs());
    }
}

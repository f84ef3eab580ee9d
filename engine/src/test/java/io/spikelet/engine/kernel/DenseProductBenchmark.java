package io.spikelet.engine.kernel;

import io.spikelet.engine.tensor.Layout;
import java.lang.foreign.Arena;
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

/** Panels times columns, cold: a projection, up and down's shapes of both released models. W8A8 inputs are rounded beforehand. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 1)
public class DenseProductBenchmark {
    /** Native ones differ from the vector ones for w8a8 alone. */
    @Param({"vector", "scalar", "native"})
    private String kernels;

    @Param({"w8a32", "w8a8"})
    private String scheme;

    /** Outputs by inputs: 0.8B projection and up, 194M projection and up. */
    @Param({"1536x1536", "6144x1536", "768x768", "4096x768"})
    private String shape;

    @Param({"1", "4", "16", "48"})
    private int columns;

    private Kernels chosen;
    private Arena arena;
    private RandomMatrix weights;
    private PackedColumns input;
    private int outputs;
    private float[] out; // (column, output)

    @Setup
    public void setUp() {
        chosen = KernelChoice.of(kernels);
        String[] extents = shape.split("x", -1);
        outputs = Integer.parseInt(extents[0]);
        int inputs = Integer.parseInt(extents[1]);
        arena = Arena.ofShared();
        weights = new RandomMatrix(outputs, inputs, scheme.equals("w8a8") ? Layout.QUAD_PANEL : Layout.PANEL, arena);
        SplittableRandom random = new SplittableRandom(6);
        float[] x = new float[columns * inputs];
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) random.nextGaussian();
        }
        input = new PackedColumns(columns, inputs);
        input.pack(x, null, columns, inputs, inputs);
        out = new float[columns * outputs];
    }

    @TearDown
    public void tearDown() {
        arena.close();
    }

    @Benchmark
    public float[] multiply() {
        chosen.multiply(weights.next(), input, outputs, out, outputs);
        return out;
    }
}

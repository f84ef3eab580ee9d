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

/** Input-major weights at the tenth of the inputs that fires, cold: the decay projection and down of both models. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 1)
public class SpikeProductBenchmark {
    private static final double RATE = 0.1;

    @Param({"vector", "scalar"})
    private String kernels;

    /** Outputs by inputs: 0.8B decay projection and down, 194M decay projection and down. */
    @Param({"1536x1536", "1536x6144", "768x768", "768x4096"})
    private String shape;

    @Param({"1", "16"})
    private int sequences;

    private Kernels chosen;
    private Arena arena;
    private RandomMatrix weights;
    private SpikeLists spikes;
    private int outputs;
    private float[] out; // (sequence, output)

    @Setup
    public void setUp() {
        chosen = KernelChoice.of(kernels);
        String[] extents = shape.split("x", -1);
        outputs = Integer.parseInt(extents[0]);
        int inputs = Integer.parseInt(extents[1]);
        arena = Arena.ofShared();
        weights = new RandomMatrix(outputs, inputs, Layout.INPUT_MAJOR, arena);
        SplittableRandom random = new SplittableRandom(7);
        spikes = new SpikeLists(sequences, inputs, outputs);
        spikes.begin(sequences);
        for (int list = 0; list < sequences; list++) {
            int count = 0;
            for (int k = 0; k < inputs; k++) {
                if (random.nextDouble() < RATE) {
                    spikes.indices()[spikes.offset(list) + count++] = k;
                }
            }
            spikes.count(list, count);
        }
        out = new float[sequences * outputs];
    }

    @TearDown
    public void tearDown() {
        arena.close();
    }

    @Benchmark
    public float[] accumulate() {
        chosen.accumulate(weights.next(), spikes, out, outputs);
        return out;
    }
}

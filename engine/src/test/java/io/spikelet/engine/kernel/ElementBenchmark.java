package io.spikelet.engine.kernel;

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
import org.openjdk.jmh.annotations.Warmup;

/** Norms of both models' widths, and sums of exponentials over a context and over both vocabularies. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 1)
public class ElementBenchmark {
    @Param({"vector", "scalar"})
    private String kernels;

    private Kernels chosen;

    @Setup
    public void setUp() {
        chosen = KernelChoice.of(kernels);
    }

    /** Two vectors of the residual's width. */
    @State(Scope.Thread)
    public static class Residual {
        @Param({"1536", "768"})
        private int width;

        private float[] a; // (channel)
        private float[] b; // (channel)
        private float[] weight; // (channel)
        private float[] bias; // (channel)
        private float[] out; // (channel)

        @Setup
        public void setUp() {
            a = gaussian(width, 1);
            b = gaussian(width, 2);
            weight = gaussian(width, 3);
            bias = gaussian(width, 4);
            out = new float[width];
        }
    }

    /** One row of attention scores. */
    @State(Scope.Thread)
    public static class Scores {
        @Param({"64", "448"})
        private int keys;

        private float[] values; // (key)

        @Setup
        public void setUp() {
            values = gaussian(keys, 5);
        }
    }

    /** One row of logits. */
    @State(Scope.Thread)
    public static class Logits {
        @Param({"57344", "48000"})
        private int vocabulary;

        private float[] values; // (id)

        @Setup
        public void setUp() {
            values = gaussian(vocabulary, 6);
        }
    }

    private static float[] gaussian(int length, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    @Benchmark
    public float[] layerNorm(Residual residual) {
        chosen.layerNorm(residual.a, 0, residual.b, 0, residual.weight, residual.bias, residual.out, 0);
        return residual.out;
    }

    /** In place, and of its own results from the second time on: they stay between 0 and 1. */
    @Benchmark
    public float softmaxSum(Scores scores) {
        return chosen.softmaxSum(scores.values, 0, scores.keys, 1f);
    }

    @Benchmark
    public double expSum(Logits logits) {
        return chosen.expSum(logits.values, 0, logits.vocabulary, 6f);
    }

    @Benchmark
    public int argmax(Logits logits) {
        return chosen.argmax(logits.values, 0, logits.vocabulary);
    }
}

package io.spikelet.engine.kernel;

import java.util.Arrays;
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

/** One head of 64 channels, as in both released models, over caches that are together larger than the last cache. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 1)
public class AttentionBenchmark {
    private static final int HEAD_DIM = 64;
    private static final int CACHE_ENTRIES = 16 << 20;

    @Param({"vector", "scalar"})
    private String kernels;

    @Param({"64", "448"})
    private int keys;

    /** One while decoding, several of the same sequence in a prompt. */
    @Param({"1", "4"})
    private int queries;

    private Kernels chosen;
    private float[] query; // (query, channel)
    private float[] cache; // (head, panel, channel, lane) as keys, (head, key, channel) as values
    private float[] scores; // (query, key)
    private float[] weights; // (query, key)
    private float[] out; // (query, channel)
    private int head;

    @Setup
    public void setUp() {
        chosen = KernelChoice.of(kernels);
        SplittableRandom random = new SplittableRandom(8);
        query = gaussian(random, queries * HEAD_DIM);
        cache = gaussian(random, CACHE_ENTRIES);
        scores = new float[queries * keys];
        weights = new float[queries * keys];
        Arrays.fill(weights, 1f / keys);
        out = new float[queries * HEAD_DIM];
    }

    private static float[] gaussian(SplittableRandom random, int length) {
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    /** Where the next head's keys or values begin. */
    private int next() {
        int size = keys * HEAD_DIM;
        head = head + 1 < cache.length / size ? head + 1 : 0;
        return head * size;
    }

    @Benchmark
    public float[] scores() {
        int panels = keys / AttentionKernels.KEYS;
        chosen.scores(query, 0, HEAD_DIM, queries, HEAD_DIM, cache, next(), panels, 0.125f, scores, 0, keys);
        return scores;
    }

    @Benchmark
    public float[] values() {
        Arrays.fill(out, 0f);
        chosen.addWeighted(weights, 0, keys, queries, keys, cache, next(), HEAD_DIM, out, 0, HEAD_DIM);
        return out;
    }
}

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

/** Reading one head of 64 channels from keys and values in fewer bits, which are together larger than the last cache. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 1)
public class KeyValueBenchmark {
    private static final int HEAD_DIM = 64;
    private static final int CACHE_ENTRIES = 64 << 20;

    @Param({"vector", "scalar"})
    private String kernels;

    @Param({"64", "448"})
    private int keys;

    private Kernels chosen;
    private byte[] codes; // (head, panel, channel, lane) as keys, (head, key, channel) as values
    private short[] halves; // the same
    private float[] factors; // (head, key)
    private float[] vector; // (channel)
    private float[] out; // as one head
    private byte[] rounded; // (channel)
    private int head;

    @Setup
    public void setUp() {
        chosen = KernelChoice.of(kernels);
        SplittableRandom random = new SplittableRandom(9);
        codes = new byte[CACHE_ENTRIES + AttentionKernels.SPARE_CODES];
        random.nextBytes(codes);
        halves = new short[CACHE_ENTRIES];
        for (int i = 0; i < halves.length; i++) {
            halves[i] = Float.floatToFloat16(codes[i] / 32f);
        }
        factors = new float[CACHE_ENTRIES / HEAD_DIM];
        for (int i = 0; i < factors.length; i++) {
            factors[i] = random.nextFloat();
        }
        vector = new float[HEAD_DIM];
        for (int i = 0; i < vector.length; i++) {
            vector[i] = (float) random.nextGaussian();
        }
        out = new float[keys * HEAD_DIM];
        rounded = new byte[HEAD_DIM];
    }

    /** The next head's first key. */
    private int next() {
        head = head + 1 < factors.length / keys ? head + 1 : 0;
        return head * keys;
    }

    @Benchmark
    public float[] float16() {
        chosen.widen(halves, next() * HEAD_DIM, keys * HEAD_DIM, out, 0);
        return out;
    }

    @Benchmark
    public float[] int8Keys() {
        int key = next();
        chosen.dequantizeKeys(codes, key * HEAD_DIM, factors, key, keys / AttentionKernels.KEYS, HEAD_DIM, out, 0);
        return out;
    }

    @Benchmark
    public float[] int8Values() {
        int key = next();
        chosen.dequantizeValues(codes, key * HEAD_DIM, factors, key, keys, HEAD_DIM, out, 0);
        return out;
    }

    /** Of one new key or value. */
    @Benchmark
    public float quantize() {
        return chosen.quantize(vector, 0, HEAD_DIM, rounded, 0);
    }
}

package io.spikelet.engine.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.spikelet.engine.tensor.FloatMatrix;
import io.spikelet.engine.tensor.Int8Matrix;
import io.spikelet.engine.tensor.Layout;
import io.spikelet.engine.tensor.Matrix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Recurrences along a sequence and what stands around them: both twins, and the definitions written out. */
@Tag("kernels")
class RecurrentKernelTwinsTest {
    private static final int GUARD = 3;
    private final RecurrentKernels scalar = new ScalarKernels().recurrent();
    private final RecurrentKernels vector = KernelProvider.kernels().recurrent();
    private final Random random = new Random(20263);

    @BeforeEach
    void comparesTwoImplementations() {
        assumeTrue(
                vector.getClass() != scalar.getClass(),
                "this JVM has no vector kernels: there is nothing to compare; add --add-modules jdk.incubator.vector");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 8, 31, 32, 33, 50, 63, 64, 65, 768})
    void elementwiseKernelsAgree(int length) {
        float[] x = values(length);
        float[] other = values(length);
        float[] share = gaussian(length, 1);
        float[] bias = gaussian(length, 1);
        for (double epsilon : new double[] {0, 1e-5}) {
            float[] expected = x.clone();
            float[] actual = x.clone();
            float[] finite = gaussian(GUARD + length, 7);
            scalar.layerNorm(finite, GUARD, share, bias, epsilon, new double[8], expected, GUARD);
            vector.layerNorm(finite, GUARD, share, bias, epsilon, new double[8], actual, GUARD);
            assertThat(actual).isEqualTo(expected);
        }
        float[] expected = x.clone();
        float[] actual = x.clone();
        scalar.mix(x, GUARD, other, 1, share, expected, GUARD);
        vector.mix(x, GUARD, other, 1, share, actual, GUARD);
        assertThat(actual).isEqualTo(expected);
        scalar.multiply(x, GUARD, expected, 1, length);
        vector.multiply(x, GUARD, actual, 1, length);
        assertThat(actual).isEqualTo(expected);
        expected = x.clone();
        actual = x.clone();
        int above = scalar.squaredRelu(expected, GUARD, length);
        assertThat(vector.squaredRelu(actual, GUARD, length)).isEqualTo(above);
        assertThat(new ScalarKernels().threshold(expected, GUARD, length, Float.MIN_VALUE, new int[length], 0))
                .isEqualTo(above);
        assertThat(actual).isEqualTo(expected);
        expected = x.clone();
        actual = x.clone();
        scalar.sigmoid(expected, GUARD, length);
        vector.sigmoid(actual, GUARD, length);
        assertThat(actual).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 8, 33, 50, 64, 768})
    void weightedMeansAgreeWithEachOtherAndWithTheirDefinition(int length) {
        float[] decay = new float[length];
        float[] first = gaussian(length, 1);
        for (int i = 0; i < length; i++) {
            decay[i] = -(float) Math.exp(random.nextGaussian() - 3);
        }
        float[] expected = new float[GUARD + 3 * length];
        Arrays.fill(expected, GUARD + 2 * length, expected.length, -1e38f);
        float[] actual = expected.clone();
        double[] above = new double[length];
        double[] below = new double[length];
        for (int position = 0; position < 20; position++) {
            float[] key = gaussian(GUARD + length, 2);
            float[] value = gaussian(GUARD + length, 1);
            key[GUARD] = position == 7 ? 160 : key[GUARD]; // a plain exponential overflows
            float[] out = new float[GUARD + length];
            float[] same = out.clone();
            scalar.wkv(key, value, GUARD, decay, first, expected, GUARD, new float[4 * length], out);
            vector.wkv(key, value, GUARD, decay, first, actual, GUARD, new float[4 * length], same);
            assertThat(same).isEqualTo(out);
            assertThat(actual).isEqualTo(expected);
            for (int i = 0; i < length; i++) {
                double now = Math.exp((double) first[i] + key[GUARD + i]);
                double v = value[GUARD + i];
                double mean = (above[i] + now * v) / (below[i] + now);
                assertThat((double) out[GUARD + i]).isCloseTo(mean, Offset.offset(1e-5 * (1 + Math.abs(mean))));
                double weight = Math.exp(key[GUARD + i]);
                above[i] = Math.exp(decay[i]) * above[i] + weight * v;
                below[i] = Math.exp(decay[i]) * below[i] + weight;
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void neuronsAgree(boolean decayInput) {
        for (boolean soft : new boolean[] {true, false}) {
            for (int length : new int[] {1, 7, 8, 31, 33, 63, 64, 65, 130, 768}) {
                int words = HeadBits.words(length);
                float[] expected = new float[GUARD + length];
                float[] actual = expected.clone();
                for (int position = 0; position < 9; position++) {
                    float[] input = gaussian(GUARD + length, 2);
                    input[GUARD + length - 1] = position == 8 ? Float.NaN : 1; // NaN never fires
                    long[] bits = new long[1 + words];
                    long[] same = {7, ~0L};
                    same = Arrays.copyOf(same, 1 + words);
                    bits[0] = 7;
                    scalar.fire(input, GUARD, length, 2.5f, 0.75f, soft, decayInput, expected, GUARD, bits, 1);
                    vector.fire(input, GUARD, length, 2.5f, 0.75f, soft, decayInput, actual, GUARD, same, 1);
                    assertThat(same).isEqualTo(bits);
                    assertThat(actual).isEqualTo(expected);
                }
            }
        }
    }

    @Test
    void neuronsAreAsTheyAreDefined() {
        float[] membrane = {0.5f, 0.5f, 0.5f, 0.9999999f};
        long[] bits = new long[1];
        // h = v + (x - v) / 2: exactly the threshold fires
        scalar.fire(new float[] {1.5f, 1.4999998f, -3, 2}, 0, 4, 2, 1, false, true, membrane, 0, bits, 0);
        assertThat(bits[0]).isEqualTo(0b1001);
        assertThat(membrane).containsExactly(0, 0.9999999f, -1.25f, 0);
        // h = v / 4 + x, minus the threshold
        float[] other = {2, 0};
        scalar.fire(new float[] {1, 0.5f}, 0, 2, 4, 1, true, false, other, 0, bits, 0);
        assertThat(bits[0]).isEqualTo(0b01);
        assertThat(other).containsExactly(0.5f, 0.5f);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 33, 64, 65, 128, 200, 768})
    void skippedZerosChangeNoBit(int outputs) {
        for (int inputs : new int[] {1, 7, 64, 257}) {
            try (Arena arena = Arena.ofConfined()) {
                for (Matrix weights : matrices(arena, outputs, inputs)) {
                    for (double share : new double[] {0, 0.5, 1}) {
                        checkProduct(weights, share);
                    }
                }
            }
        }
    }

    private void checkProduct(Matrix weights, double share) {
        for (int columns : new int[] {1, 2, 5}) {
            int inputs = weights.inputs();
            float[] x = new float[columns * inputs];
            int[] active = new int[columns * inputs];
            int[] counts = new int[columns];
            for (int i = 0; i < x.length; i++) {
                if (random.nextDouble() < share) {
                    int c = i / inputs;
                    x[i] = Math.abs((float) random.nextGaussian()) + Float.MIN_VALUE;
                    active[c * inputs + counts[c]++] = i % inputs;
                }
            }
            PackedColumns packed = new PackedColumns(columns, inputs);
            packed.pack(x, null, columns, inputs, inputs);
            float[] dense = new float[columns * weights.outputs()];
            new ScalarKernels().multiply(weights, packed, weights.outputs(), dense, weights.outputs());
            for (RecurrentKernels kernels : List.of(scalar, vector)) {
                float[] sparse = new float[columns * weights.outputs()];
                kernels.multiplyActive(weights, x, columns, active, counts, packed, sparse);
                assertThat(sparse).as("%d columns", columns).isEqualTo(dense);
            }
        }
    }

    @Test
    void skippingPaysWhereFewEntriesAreLeft() {
        assertThat(RecurrentKernels.skippingPays(1, 3072, 600)).isTrue();
        assertThat(RecurrentKernels.skippingPays(1, 3072, 1536)).isFalse();
        assertThat(RecurrentKernels.skippingPays(16, 3072, 16 * 300)).isTrue();
        assertThat(RecurrentKernels.skippingPays(16, 3072, 16 * 600)).isFalse();
    }

    private List<Matrix> matrices(Arena arena, int outputs, int inputs) {
        long elements = Layout.PANEL.elements(outputs, inputs);
        MemorySegment codes = arena.allocate(elements);
        MemorySegment floats = arena.allocate(elements * Float.BYTES);
        float[] scales = new float[outputs];
        for (int n = 0; n < outputs; n++) {
            scales[n] = n % 5 == 2 ? 0 : random.nextFloat();
            for (int k = 0; k < inputs; k++) {
                long at = Layout.PANEL.index(n, k, outputs, inputs);
                codes.set(ValueLayout.JAVA_BYTE, at, (byte) (random.nextInt(255) - 127));
                floats.set(ValueLayout.JAVA_FLOAT_UNALIGNED, at * Float.BYTES, (float) random.nextGaussian());
            }
        }
        return List.of(
                new Int8Matrix(codes, scales, outputs, inputs, Layout.PANEL),
                new FloatMatrix(floats, outputs, inputs, Layout.PANEL));
    }

    private float[] gaussian(int length, float deviation) {
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = deviation * (float) random.nextGaussian();
        }
        return values;
    }

    /** With a few that are no ordinary numbers. */
    private float[] values(int length) {
        float[] values = gaussian(GUARD + length, 3);
        float[] special = {0f, -0f, Float.NaN, Float.POSITIVE_INFINITY, -200, 200, Float.MIN_VALUE, -1e-30f};
        for (int i = 0; i < special.length && length > 1; i++) {
            values[GUARD + random.nextInt(length)] = special[i];
        }
        return values;
    }
}

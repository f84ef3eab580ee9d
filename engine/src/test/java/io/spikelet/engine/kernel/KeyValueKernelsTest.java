package io.spikelet.engine.kernel;

import static io.spikelet.engine.kernel.AttentionKernels.KEYS;
import static io.spikelet.engine.kernel.AttentionKernels.SPARE_CODES;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys and values in fewer bits: what is read back, by the kernels of this JVM and by the scalar ones. */
@Tag("kernels")
class KeyValueKernelsTest {
    private static final int GUARD = 5; // a non-zero offset, and room to notice a write out of bounds
    private final Kernels scalar = new ScalarKernels();
    private final Kernels kernels = KernelProvider.kernels();
    private final Random random = new Random(20270);

    @Test
    void everyBinary16IsReadBackAsItWasWritten() {
        short[] halves = new short[1 << 16];
        for (int i = 0; i < halves.length; i++) {
            halves[i] = (short) i;
        }
        float[] floats = new float[GUARD + halves.length];
        kernels.widen(halves, 0, halves.length, floats, GUARD);
        short[] again = new short[halves.length];
        kernels.narrow(floats, GUARD, halves.length, again, 0, 1);
        for (int i = 0; i < halves.length; i++) {
            float expected = Float.float16ToFloat((short) i);
            assertThat(floats[GUARD + i]).as("%04x", i).isEqualTo(Float.valueOf(expected));
            if (!Float.isNaN(expected)) {
                assertThat(again[i]).as("%04x", i).isEqualTo((short) i);
            }
        }
    }

    @Test
    void binary16RoundsHalfToEvenAndBecomesInfinite() {
        float[] x = {1 + 0x1p-11f, 1 + 3 * 0x1p-11f, 65519.996f, 65520f, -65520f, 0x1p-25f, 0x1.8p-24f, -0f, Float.NaN};
        float[] expected = {
            1f, 1 + 2 * 0x1p-10f, 65504f, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 0f, 0x1p-23f, -0f, Float.NaN
        };
        int step = 3;
        short[] halves = new short[step * x.length];
        float[] back = new float[step * x.length];
        kernels.narrow(x, 0, x.length, halves, 1, step);
        kernels.widen(halves, 0, halves.length, back, 0);
        for (int i = 0; i < x.length; i++) {
            assertThat(back[1 + i * step]).as("%s", x[i]).isEqualTo(Float.valueOf(expected[i]));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4, 6, 30, 32, 62, 64, 66, 128})
    void codesAreReadBackTimesTheirFactors(int headDim) {
        int panels = 3;
        int size = panels * KEYS * headDim;
        byte[] codes = new byte[GUARD + size + SPARE_CODES];
        random.nextBytes(codes);
        float[] factors = new float[GUARD + panels * KEYS];
        for (int i = 0; i < factors.length; i++) {
            factors[i] = i % 7 == 0 ? 0f : i % 11 == 0 ? Float.NaN : (float) Math.exp(20 * random.nextGaussian());
        }
        float[] keys = new float[size];
        float[] values = new float[size];
        for (int key = 0; key < panels * KEYS; key++) {
            for (int d = 0; d < headDim; d++) {
                int k = (key / KEYS * headDim + d) * KEYS + key % KEYS;
                keys[k] = codes[GUARD + k] * factors[GUARD + key];
                values[key * headDim + d] = codes[GUARD + key * headDim + d] * factors[GUARD + key];
            }
        }
        for (Kernels tried : new Kernels[] {scalar, kernels}) {
            float[] out = new float[GUARD + size + GUARD];
            tried.dequantizeKeys(codes, GUARD, factors, GUARD, panels, headDim, out, GUARD);
            assertSame(out, keys);
            Arrays.fill(out, 0f);
            tried.dequantizeValues(codes, GUARD, factors, GUARD, panels * KEYS, headDim, out, GUARD);
            assertSame(out, values);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4, 6, 30, 32, 62, 64, 66, 128})
    void oneQueryReadsCodesAsItWouldReadTheirFloats(int headDim) {
        int panels = 7;
        int count = panels * KEYS - 3;
        byte[] codes = new byte[GUARD + panels * KEYS * headDim + SPARE_CODES];
        random.nextBytes(codes);
        float[] factors = gaussian(GUARD + panels * KEYS);
        factors[GUARD + 9] = 0f;
        float[] query = gaussian(GUARD + headDim);
        float[] weights = gaussian(GUARD + count);
        float[] floats = new float[panels * KEYS * headDim];
        float[] scores = new float[panels * KEYS];
        scalar.dequantizeKeys(codes, GUARD, factors, GUARD, panels, headDim, floats, 0);
        scalar.scores(query, GUARD, 0, 1, headDim, floats, 0, panels, 0.3f, scores, 0, 0);
        float[] sums = gaussian(headDim);
        float[] before = sums.clone();
        scalar.dequantizeValues(codes, GUARD, factors, GUARD, count, headDim, floats, 0);
        scalar.addWeighted(weights, GUARD, 0, 1, count, floats, 0, headDim, sums, 0, 0);
        for (Kernels tried : new Kernels[] {scalar, kernels}) {
            float[] out = new float[GUARD + scores.length + GUARD];
            tried.scoresOfCodes(query, GUARD, headDim, codes, GUARD, factors, GUARD, panels, 0.3f, out, GUARD);
            assertSame(out, scores);
            out = new float[GUARD + headDim + GUARD];
            System.arraycopy(before, 0, out, GUARD, headDim);
            tried.addWeightedCodes(weights, GUARD, codes, GUARD, factors, GUARD, count, headDim, out, GUARD);
            assertSame(out, sums);
        }
    }

    private static void assertSame(float[] out, float[] expected) {
        for (int i = 0; i < out.length; i++) {
            boolean inside = i >= GUARD && i < GUARD + expected.length;
            int bits = Float.floatToIntBits(inside ? expected[i - GUARD] : 0f);
            assertThat(Float.floatToIntBits(out[i])).as("element %d", i).isEqualTo(bits);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 16, 63, 64, 65, 128})
    void aVectorIsRoundedByItsLargestMagnitude(int length) {
        for (float[] x : new float[][] {
            gaussian(length),
            filled(length, 0f),
            filled(length, -0x1p-121f),
            filled(length, 3e38f),
            withOne(Float.NaN, length),
            withOne(Float.NEGATIVE_INFINITY, length)
        }) {
            float magnitude = 0f;
            for (float value : x) {
                magnitude = Math.max(magnitude, Math.abs(value));
            }
            boolean finite = Float.isFinite(magnitude);
            boolean zero = magnitude < 0x1p-120f;
            byte[] expected = new byte[length];
            for (int i = 0; finite && !zero && i < length; i++) {
                expected[i] = (byte) Math.rint(x[i] * (127f / magnitude));
            }
            for (Kernels tried : new Kernels[] {scalar, kernels}) {
                byte[] codes = new byte[length + 2];
                Arrays.fill(codes, (byte) 99);
                float factor = tried.quantize(x, 0, length, codes, 1);
                assertThat(factor).isEqualTo(Float.valueOf(!finite ? Float.NaN : zero ? 0f : magnitude / 127f));
                assertThat(Arrays.copyOfRange(codes, 1, 1 + length)).isEqualTo(expected);
                assertThat(codes[0]).isEqualTo((byte) 99);
                assertThat(codes[length + 1]).isEqualTo((byte) 99);
            }
        }
    }

    private float[] gaussian(int length) {
        float[] x = new float[length];
        for (int i = 0; i < length; i++) {
            x[i] = (float) random.nextGaussian();
        }
        return x;
    }

    private static float[] filled(int length, float value) {
        float[] x = new float[length];
        Arrays.fill(x, value);
        return x;
    }

    private float[] withOne(float value, int length) {
        float[] x = gaussian(length);
        x[length / 2] = value;
        return x;
    }
}

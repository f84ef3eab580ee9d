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
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Neurons of bits, attention between bits and sums of integers: both twins, and the definitions written out. */
@Tag("kernels")
class BinaryKernelTwinsTest {
    private static final int GUARD = 3;
    private final Kernels scalar = new ScalarKernels();
    private final Kernels vector = KernelProvider.kernels();
    private final Random random = new Random(20261);

    @BeforeEach
    void comparesTwoImplementations() {
        assumeTrue(
                vector.getClass() != scalar.getClass(),
                "this JVM has no vector kernels: there is nothing to compare; add --add-modules jdk.incubator.vector");
    }

    @ParameterizedTest
    @EnumSource
    void neuronsAgree(MembraneReset reset) {
        for (int length : new int[] {1, 7, 8, 31, 33, 63, 64, 65, 130, 320}) {
            for (int steps : new int[] {1, 2, 4, 7}) {
                int stride = length + 5;
                float[] charges = gaussian(GUARD + steps * stride);
                charges[GUARD + length / 2] = Float.NaN; // never fires
                charges[GUARD] = length == 1 ? Float.NaN : 0.7f; // exactly the threshold fires
                int words = HeadBits.words(length) + 1;
                long[] expected = new long[GUARD + steps * words];
                long[] actual = expected.clone();
                scalar.binary().fire(charges, GUARD, stride, steps, length, reset, 0.9f, 0.7f, expected, GUARD, words);
                vector.binary().fire(charges, GUARD, stride, steps, length, reset, 0.9f, 0.7f, actual, GUARD, words);
                assertThat(actual)
                        .as("%s, %d neurons, %d steps", reset, length, steps)
                        .isEqualTo(expected);
                assertThat(expected[GUARD] & 1).isEqualTo(length == 1 ? 0 : 1);
            }
        }
    }

    @Test
    void theThreeResetsDifferAsTheyAreDefined() {
        float[] charges = {1.5f, 0.5f, 0.1f, 0.1f};
        assertThat(fired(charges, MembraneReset.HARD)).containsExactly(1, 0, 0, 0);
        assertThat(fired(charges, MembraneReset.SOFT_A)).containsExactly(1, 1, 0, 0);
        assertThat(fired(charges, MembraneReset.SOFT_B)).containsExactly(1, 1, 0, 0);
        assertThat(fired(new float[] {1.5f, 0f, 0f, 0f}, MembraneReset.SOFT_A)).containsExactly(1, 1, 0, 0);
        assertThat(fired(new float[] {1.5f, 0f, 0f, 0f}, MembraneReset.SOFT_B)).containsExactly(1, 0, 0, 0);
    }

    private int[] fired(float[] charges, MembraneReset reset) {
        long[] bits = new long[charges.length];
        scalar.binary().fire(charges, 0, 1, charges.length, 1, reset, 0.9f, 0.7f, bits, 0, 1);
        int[] fired = new int[bits.length];
        for (int t = 0; t < bits.length; t++) {
            fired[t] = (int) bits[t];
        }
        return fired;
    }

    @ParameterizedTest
    @ValueSource(ints = {16, 20, 64, 100, 128})
    void attentionOverBitsAgreesWithItsDefinition(int headDim) {
        int heads = 3;
        HeadBits split = new HeadBits(heads, headDim);
        int words = HeadBits.words(heads * headDim);
        int stride = 200;
        long[] keys = bits(words * stride, 0.1);
        long[] values = bits(words * stride, 0.1);
        long[] query = bits(words, 0.1);
        for (int positions : new int[] {1, 2, 63, 64, 65, 128, 200}) {
            int firedStride = 4;
            long[] expected = new long[heads * firedStride];
            long[] actual = expected.clone();
            scalar.binary().overlap(query, 0, split, keys, 0, stride, positions, expected, 0, firedStride);
            vector.binary().overlap(query, 0, split, keys, 0, stride, positions, actual, 0, firedStride);
            assertThat(actual).isEqualTo(expected);
            for (int h = 0; h < heads; h++) {
                float[] scores = new float[positions];
                vector.binary().overlaps(query, 0, split, h, keys, 0, stride, positions, scores, 0);
                long[] any = new long[words];
                vector.binary().any(expected, h * firedStride, positions, split, h, values, 0, stride, any, 0);
                float[] total = new float[heads * headDim];
                vector.binary().total(expected, h * firedStride, positions, split, h, values, 0, stride, total, 0);
                for (int j = 0; j < positions; j++) {
                    int score = 0;
                    for (int c = h * headDim; c < (h + 1) * headDim; c++) {
                        score += (int) (bit(query, c) & bit(keys, c / 64 * stride + j, c));
                    }
                    assertThat(scores[j]).isEqualTo(score);
                    assertThat(bit(expected, h * firedStride + j / 64, j)).isEqualTo(score > 0 ? 1 : 0);
                }
                for (int c = 0; c < heads * headDim; c++) {
                    int sum = 0;
                    for (int j = 0; j < positions && c / headDim == h; j++) {
                        sum += (int) (bit(expected, h * firedStride + j / 64, j) & bit(values, c / 64 * stride + j, c));
                    }
                    assertThat(total[c]).isEqualTo(sum);
                    assertThat(bit(any, c)).isEqualTo(sum > 0 ? 1 : 0);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 33, 64, 65, 130, 320})
    void sumsOfIntegersAgree(int outputs) {
        int inputs = 700;
        Int8Matrix codes = int8(outputs, inputs, Layout.INPUT_MAJOR, false);
        Int8Matrix extremes = int8(outputs, inputs, Layout.INPUT_MAJOR, true);
        FloatMatrix floats = float32(outputs, inputs);
        for (int lists : new int[] {1, 3, 9}) {
            for (int largest : new int[] {1, 5, 256, 257, 3000}) {
                float[] x = new float[lists * inputs];
                SpikeLists counted = new SpikeLists(lists, inputs, outputs, true);
                counted.begin(lists);
                for (int list = 0; list < lists; list++) {
                    for (int k = 0; k < inputs; k++) {
                        x[list * inputs + k] = random.nextInt(3) == 0 ? random.nextInt(largest + 1) : 0;
                    }
                    scalar.binary().list(x, list * inputs, inputs, counted, list);
                }
                for (Matrix matrix : new Matrix[] {codes, extremes, floats}) {
                    float[] expected = new float[lists * outputs];
                    float[] actual = new float[lists * outputs];
                    scalar.accumulate(matrix, counted, expected, outputs);
                    vector.accumulate(matrix, counted, actual, outputs);
                    assertThat(actual).isEqualTo(expected);
                    if (matrix instanceof Int8Matrix w) {
                        assertThat(expected).isEqualTo(exact(w, x, lists));
                    }
                }
            }
        }
    }

    @Test
    void theExactProductOfAPanelMatrixIsExactBeyond24Bits() {
        Int8Matrix extremes = int8(70, 300, Layout.PANEL, true);
        float[] x = new float[300];
        Arrays.fill(x, 999);
        x[7] = 1;
        float[] out = new float[70];
        vector.binary().multiplyExactly(extremes, x, 0, 70, out, 0);
        for (int n = 0; n < out.length; n++) {
            assertThat(out[n]).isEqualTo((float) ((n % 2 == 0 ? 127 : -127) * (299 * 999 + 1)));
        }
    }

    private static float[] exact(Int8Matrix w, float[] x, int lists) {
        float[] out = new float[lists * w.outputs()];
        for (int list = 0; list < lists; list++) {
            for (int n = 0; n < w.outputs(); n++) {
                int sum = 0;
                for (int k = 0; k < w.inputs(); k++) {
                    long at = w.layout().index(n, k, w.outputs(), w.inputs());
                    sum += (int) x[list * w.inputs() + k] * w.data().get(ValueLayout.JAVA_BYTE, at);
                }
                out[list * w.outputs() + n] = sum * w.scales()[n];
            }
        }
        return out;
    }

    private static long bit(long[] words, int channel) {
        return bit(words, channel / 64, channel);
    }

    private static long bit(long[] words, int word, int channel) {
        return words[word] >>> channel & 1;
    }

    private long[] bits(int words, double rate) {
        long[] bits = new long[words];
        for (int i = 0; i < words * 64; i++) {
            bits[i / 64] |= random.nextDouble() < rate ? 1L << i : 0;
        }
        return bits;
    }

    private float[] gaussian(int n) {
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private Int8Matrix int8(int outputs, int inputs, Layout layout, boolean extreme) {
        MemorySegment data = Arena.ofAuto().allocate(layout.elements(outputs, inputs), 64);
        float[] scales = new float[outputs];
        for (int n = 0; n < outputs; n++) {
            scales[n] = 0.001f + random.nextFloat();
            for (int k = 0; k < inputs; k++) {
                int code = extreme ? (n % 2 == 0 ? 127 : -127) : random.nextInt(-127, 128);
                data.set(ValueLayout.JAVA_BYTE, layout.index(n, k, outputs, inputs), (byte) code);
            }
        }
        return new Int8Matrix(data, scales, outputs, inputs, layout);
    }

    private FloatMatrix float32(int outputs, int inputs) {
        Layout layout = Layout.INPUT_MAJOR;
        MemorySegment data = Arena.ofAuto().allocate(layout.elements(outputs, inputs) * Float.BYTES, 64);
        for (int n = 0; n < outputs; n++) {
            for (int k = 0; k < inputs; k++) {
                data.set(ScalarKernels.FLOAT, layout.index(n, k, outputs, inputs) * Float.BYTES, (float)
                        random.nextGaussian());
            }
        }
        return new FloatMatrix(data, outputs, inputs, layout);
    }
}

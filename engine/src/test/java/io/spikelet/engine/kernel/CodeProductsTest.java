package io.spikelet.engine.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spikelet.engine.tensor.Layout;
import io.spikelet.engine.tensor.W8A8Matrix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** W8A8 products by every implementation that this JVM has, against their definition. */
@Tag("kernels")
class CodeProductsTest {
    private final Random random = new Random(20261);
    private final List<Kernels> implementations = implementations();

    /** Scalar, vectors, and vectors with every level of the native library that the CPU has. */
    static List<Kernels> implementations() {
        List<Kernels> all = new ArrayList<>();
        all.add(new ScalarKernels());
        if (ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()) {
            all.add(new VectorKernels(Optional.empty()));
            for (NativeLevel level : NativeProducts.levels()) {
                all.add(new VectorKernels(Optional.of(level)));
            }
        }
        return all;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 31, 63, 64, 65, 72, 130, 200})
    void everyProductIsItsDefinition(int outputs) {
        for (int inputs : new int[] {1, 3, 4, 5, 64, 65, 130, 511, 513}) {
            W8A8Matrix matrix = matrix(outputs, inputs, (n, k) -> random.nextInt(-127, 128));
            for (int columns : new int[] {1, 2, 3, 5, 6, 7, 8, 13, 16, 23}) {
                float[] x = gaussian(columns * inputs);
                float[] expected = product(matrix, x, columns, outputs);
                for (int wanted : new int[] {outputs, Math.max(1, outputs - 5)}) {
                    for (Kernels kernels : implementations) {
                        sameBits(run(kernels, matrix, x, columns, wanted), expected, columns, wanted, outputs);
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 64, 1023, 1025, 4100, 65_536, 131_072})
    void extremesOfAllCodesStayExact(int inputs) {
        int outputs = 66;
        int[] weights = {127, -127, -128, 0};
        int columns = 3;
        W8A8Matrix matrix = matrix(outputs, inputs, (n, k) -> n < 8 ? weights[n % 4] : weights[(n + k) % 4]);
        float[] x = new float[columns * inputs];
        for (int k = 0; k < inputs; k++) {
            x[k] = 1;
            x[inputs + k] = -1;
            x[2 * inputs + k] = k % 2 == 0 ? 1 : -1;
        }
        float[] expected = product(matrix, x, columns, outputs);
        for (Kernels kernels : implementations) {
            sameBits(run(kernels, matrix, x, columns, outputs), expected, columns, outputs, outputs);
            float[] alone = Arrays.copyOf(x, inputs);
            sameBits(run(kernels, matrix, alone, 1, outputs), expected, 1, outputs, outputs);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 12, 48})
    void aColumnsProductDoesNotDependOnItsNeighbours(int columns) {
        int inputs = 97;
        int outputs = 130;
        W8A8Matrix matrix = matrix(outputs, inputs, (n, k) -> random.nextInt(-127, 128));
        float[] x = gaussian(columns * inputs);
        for (Kernels kernels : implementations) {
            float[] together = run(kernels, matrix, x, columns, outputs);
            for (int c = 0; c < columns; c++) {
                float[] alone = run(kernels, matrix, Arrays.copyOfRange(x, c * inputs, (c + 1) * inputs), 1, outputs);
                assertThat(alone)
                        .as(kernels.description())
                        .isEqualTo(Arrays.copyOfRange(together, c * outputs, (c + 1) * outputs));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 7, 8, 15, 16, 17, 33, 64, 100, 1536})
    void inputsAreRoundedHalfToEven(int length) {
        float[] x = new float[length + 3];
        for (int i = 0; i < length; i++) {
            x[3 + i] = (random.nextInt(255) - 127) / 2f; // every second one is a tie
        }
        x[3] = 127;
        for (Kernels kernels : implementations) {
            byte[] codes = new byte[length + 9];
            assertThat(kernels.magnitudeBits(x, 3, length)).isEqualTo(Float.floatToRawIntBits(127));
            int total = kernels.round(x, 3, length, 1f, codes, 2);
            int sum = 0;
            for (int i = 0; i < length; i++) {
                int code = new BigDecimal(x[3 + i])
                        .setScale(0, RoundingMode.HALF_EVEN)
                        .intValueExact();
                assertThat(codes[2 + i])
                        .as("%s: %s", kernels.description(), x[3 + i])
                        .isEqualTo((byte) code);
                sum += code;
            }
            assertThat(total).isEqualTo(sum);
            assertThat(codes[1]).isZero();
            assertThat(Arrays.copyOfRange(codes, 2 + length, codes.length)).containsOnly((byte) 0);
        }
    }

    @Test
    void vectorsOfZerosAndOfTinyNumbersGiveZero() {
        W8A8Matrix matrix = matrix(70, 9, (n, k) -> random.nextInt(-127, 128));
        for (float value : new float[] {0f, -0f, Float.MIN_VALUE, 0x1.fffffep-121f}) {
            float[] x = new float[18];
            Arrays.fill(x, value);
            for (Kernels kernels : implementations) {
                for (float y : run(kernels, matrix, x, 2, 70)) {
                    assertThat(Float.floatToRawIntBits(y))
                            .as(kernels.description())
                            .isZero();
                }
            }
        }
    }

    @Test
    void theSmallestVectorThatCountsIsMultiplied() {
        W8A8Matrix matrix = matrix(2, 2, (n, k) -> n + 1);
        float[] x = {0x1p-120f, -0x1p-121f};
        float[] expected = product(matrix, x, 1, 2);
        assertThat(expected[0]).isPositive();
        for (Kernels kernels : implementations) {
            sameBits(run(kernels, matrix, x, 1, 2), expected, 1, 2, 2);
        }
    }

    @Test
    void aVectorWithNaNOrInfinityGivesNaNAndLeavesTheOthersAlone() {
        W8A8Matrix matrix = matrix(70, 65, (n, k) -> random.nextInt(-127, 128));
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
            float[] x = gaussian(3 * 65);
            float[] good = product(matrix, x, 3, 70);
            x[65 + 64] = bad;
            for (Kernels kernels : implementations) {
                float[] y = run(kernels, matrix, x, 3, 70);
                for (int n = 0; n < 70; n++) {
                    assertThat(y[70 + n]).as(kernels.description()).isNaN();
                    assertThat(y[n]).isEqualTo(good[n]);
                    assertThat(y[140 + n]).isEqualTo(good[140 + n]);
                }
            }
        }
    }

    @Test
    void aMatrixHasNoMoreInputsThanAnIntCanHold() {
        int inputs = W8A8Matrix.MAX_INPUTS + 1;
        MemorySegment data = Arena.ofAuto().allocate(Layout.QUAD_PANEL.elements(1, inputs));
        assertThatThrownBy(() -> new W8A8Matrix(data, new float[1], 1, inputs))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("131073")
                .hasMessageContaining("131072");
    }

    @Test
    void spikesAndTokensDoNotSelectFromIt() {
        W8A8Matrix matrix = matrix(8, 8, (n, k) -> 1);
        SpikeLists spikes = new SpikeLists(1, 8, 8);
        spikes.begin(1);
        spikes.count(0, 1);
        for (Kernels kernels : implementations) {
            assertThatThrownBy(() -> kernels.accumulate(matrix, spikes, new float[8], 8))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("W8A8");
            assertThatThrownBy(() -> kernels.row(matrix, 0, new float[8], 0))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("W8A8");
        }
    }

    /** A code of a matrix. */
    interface Codes {
        int at(int output, int input);
    }

    static W8A8Matrix matrix(int outputs, int inputs, Codes codes) {
        Layout layout = Layout.QUAD_PANEL;
        MemorySegment data = Arena.ofAuto().allocate(layout.elements(outputs, inputs), 64);
        data.fill((byte) 93); // of padding nothing must show
        float[] scales = new float[outputs];
        for (int n = 0; n < outputs; n++) {
            scales[n] = 0.001f + 0.37f * n;
            for (int k = 0; k < inputs; k++) {
                byte stored = (byte) (codes.at(n, k) + W8A8Matrix.ZERO_POINT);
                data.set(ValueLayout.JAVA_BYTE, layout.index(n, k, outputs, inputs), stored);
            }
        }
        return new W8A8Matrix(data, scales, outputs, inputs);
    }

    /** The definition, with exact sums. */
    private static float[] product(W8A8Matrix matrix, float[] x, int columns, int outputs) {
        float[] out = new float[columns * outputs];
        int inputs = matrix.inputs();
        for (int c = 0; c < columns; c++) {
            float largest = 0;
            for (int k = 0; k < inputs; k++) {
                largest = Math.max(largest, Math.abs(x[c * inputs + k]));
            }
            float inverse = 127 / largest;
            for (int n = 0; n < outputs; n++) {
                long sum = 0;
                for (int k = 0; k < inputs; k++) {
                    long at = matrix.layout().index(n, k, matrix.outputs(), inputs);
                    long code = (matrix.data().get(ValueLayout.JAVA_BYTE, at) & 0xff) - 128;
                    sum += code * (long) Math.rint(x[c * inputs + k] * inverse);
                }
                float converted = Math.toIntExact(sum);
                float scaled = converted * matrix.scales()[n];
                out[c * outputs + n] = scaled * (largest / 127);
            }
        }
        return out;
    }

    private static float[] run(Kernels kernels, W8A8Matrix matrix, float[] x, int columns, int outputs) {
        PackedColumns packed = new PackedColumns(columns, matrix.inputs());
        packed.pack(x, null, columns, matrix.inputs(), matrix.inputs());
        float[] out = new float[columns * outputs];
        kernels.multiply(matrix, packed, outputs, out, outputs);
        return out;
    }

    private void sameBits(float[] actual, float[] expected, int columns, int outputs, int expectedStride) {
        for (int c = 0; c < columns; c++) {
            for (int n = 0; n < outputs; n++) {
                float want = expected[c * expectedStride + n];
                float have = actual[c * outputs + n];
                if (Float.floatToRawIntBits(want) != Float.floatToRawIntBits(have)) {
                    assertThat(have)
                            .as("column %d, output %d of %d", c, n, outputs)
                            .isEqualTo(want);
                }
            }
        }
    }

    private float[] gaussian(int length) {
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }
}

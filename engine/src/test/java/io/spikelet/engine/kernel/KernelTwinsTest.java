package io.spikelet.engine.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
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

/** Every vector kernel against its scalar twin, to the bit. The build runs this once for every vector width. */
@Tag("kernels")
class KernelTwinsTest {
    private static final int GUARD = 7; // a non-zero offset, and room to notice a write out of bounds
    private final Kernels scalar = new ScalarKernels();
    private final Kernels vector = KernelProvider.kernels();
    private final Random random = new Random(20260);

    /** What the values of a test look like. */
    enum Fill {
        GAUSSIAN,
        LARGE,
        TINY,
        ZERO,
        ONE_NAN,
        INFINITE
    }

    @BeforeEach
    void comparesTwoImplementations() {
        assumeTrue(
                vector.getClass() != scalar.getClass(),
                "this JVM has no vector kernels: there is nothing to compare; add --add-modules jdk.incubator.vector");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 8, 31, 32, 33, 63, 64, 65, 72, 130, 768})
    void denseProductsAgree(int outputs) {
        for (int inputs : new int[] {1, 7, 64, 65, 200}) {
            Matrix codes = int8(outputs, inputs, Layout.PANEL, false);
            Matrix extremes = int8(outputs, inputs, Layout.PANEL, true);
            Matrix floats = float32(outputs, inputs, Layout.PANEL);
            for (int columns : new int[] {1, 2, 3, 4, 5, 6, 7, 8, 13, 16, 23}) {
                float[] x = values(columns * inputs, Fill.GAUSSIAN);
                PackedColumns packed = new PackedColumns(columns, inputs);
                packed.pack(x, null, columns, inputs, inputs);
                for (Matrix matrix : new Matrix[] {codes, extremes, floats}) {
                    int some = Math.max(1, outputs - 5);
                    for (int wanted : new int[] {outputs, some}) {
                        agree(
                                columns * (outputs + 3),
                                (k, out) -> k.multiply(matrix, packed, wanted, out, outputs + 3));
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 12, 48})
    void aColumnsProductDoesNotDependOnItsNeighbours(int columns) {
        int inputs = 96;
        int outputs = 130;
        Matrix matrix = int8(outputs, inputs, Layout.PANEL, false);
        float[] x = values(columns * inputs, Fill.GAUSSIAN);
        float[] together = new float[columns * outputs];
        PackedColumns packed = new PackedColumns(columns, inputs);
        packed.pack(x, null, columns, inputs, inputs);
        vector.multiply(matrix, packed, outputs, together, outputs);
        for (int c = 0; c < columns; c++) {
            float[] alone = new float[outputs];
            packed.pack(x, new int[] {c}, 1, inputs, inputs);
            vector.multiply(matrix, packed, outputs, alone, outputs);
            sameBits(Arrays.copyOfRange(together, c * outputs, (c + 1) * outputs), alone);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 8, 31, 32, 33, 63, 64, 65, 72, 768, 1536})
    void spikeProductsAgree(int outputs) {
        int inputs = 700;
        Matrix codes = int8(outputs, inputs, Layout.INPUT_MAJOR, false);
        Matrix extremes = int8(outputs, inputs, Layout.INPUT_MAJOR, true);
        Matrix floats = float32(outputs, inputs, Layout.INPUT_MAJOR);
        for (int lists : new int[] {1, 2, 5}) {
            for (double rate : new double[] {0, 0.01, 0.1, 0.5, 1}) {
                SpikeLists spikes = spikes(lists, inputs, outputs, rate);
                for (Matrix matrix : new Matrix[] {codes, extremes, floats}) {
                    agree(lists * (outputs + 3), (k, out) -> k.accumulate(matrix, spikes, out, outputs + 3));
                }
            }
        }
    }

    /** One list may feed matrices of several widths: the stride of the vectors is the matrix's, not the list's. */
    @ParameterizedTest
    @ValueSource(ints = {1, 63, 64, 65, 130, 768})
    void spikeProductsOfAListWithRoomForWiderMatricesAgree(int outputs) {
        int inputs = 300;
        for (int lists : new int[] {1, 3, 9}) {
            SpikeLists spikes = spikes(lists, inputs, outputs + 200, 0.2);
            for (Matrix matrix : new Matrix[] {
                int8(outputs, inputs, Layout.INPUT_MAJOR, false), float32(outputs, inputs, Layout.INPUT_MAJOR)
            }) {
                agree(lists * (outputs + 3), (k, out) -> k.accumulate(matrix, spikes, out, outputs + 3));
            }
        }
    }

    @Test
    void spikeListsRefuseMatricesThatAreWiderThanTheirAccumulators() {
        SpikeLists spikes = spikes(2, 40, 64, 0.5);
        Matrix wide = int8(65, 40, Layout.INPUT_MAJOR, false);
        for (Kernels kernels : new Kernels[] {scalar, vector}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> kernels.accumulate(wide, spikes, new float[2 * 65], 65))
                    .withMessageContaining("65 outputs")
                    .withMessageContaining("64");
        }
    }

    @ParameterizedTest
    @EnumSource(Fill.class)
    void spikesAgree(Fill fill) {
        for (int length : new int[] {1, 7, 8, 31, 32, 33, 63, 64, 65, 768, 1536}) {
            float[] x = values(GUARD + length, fill);
            float[] membrane = values(length, fill);
            int[] fired = new int[length + GUARD];
            int[] other = new int[length + GUARD];
            int count = scalar.threshold(x, GUARD, length, 0.8f, fired, 2);
            assertThat(vector.threshold(x, GUARD, length, 0.8f, other, 2)).isEqualTo(count);
            assertThat(other).isEqualTo(fired);
            float[] copy = membrane.clone();
            count = scalar.integrateAndFire(membrane, x, GUARD, length, 0.95f, 1f, fired, 0);
            assertThat(vector.integrateAndFire(copy, x, GUARD, length, 0.95f, 1f, other, 0))
                    .isEqualTo(count);
            assertThat(other).isEqualTo(fired);
            sameBits(copy, membrane);
        }
    }

    @ParameterizedTest
    @EnumSource(Fill.class)
    void elementKernelsAgree(Fill fill) {
        for (int n : new int[] {1, 7, 8, 31, 32, 33, 63, 64, 65, 72, 768, 1536}) {
            float[] a = values(GUARD + n, fill);
            float[] b = values(GUARD + n, Fill.GAUSSIAN);
            float[] weight = values(n, Fill.GAUSSIAN);
            float[] bias = values(n, Fill.GAUSSIAN);
            agree(GUARD + n, (k, out) -> k.layerNorm(a, GUARD, b, 3, weight, bias, out, GUARD));
            agree(GUARD + n, (k, out) -> k.layerNorm(a, GUARD, null, 0, weight, bias, out, GUARD));
            agree(GUARD + n, (k, out) -> k.mix(0.3f, a, GUARD, b, 1, n, out, GUARD));
            agree(n, (k, out) -> {
                System.arraycopy(bias, 0, out, 0, n);
                k.decay(out, weight, bias, a, GUARD);
            });
            inPlace(a, (k, x) -> k.gelu(x, GUARD, n));
            inPlace(a, (k, x) -> k.scale(x, GUARD, n, 0.37f));
            inPlace(a, (k, x) -> k.addScaled(-0.7f, b, 2, x, GUARD, n));
            assertThat(vector.argmax(a, GUARD, n)).isEqualTo(scalar.argmax(a, GUARD, n));
            assertThat(bits(vector.max(a, GUARD, n))).isEqualTo(bits(scalar.max(a, GUARD, n)));
            float max = fill == Fill.ONE_NAN ? 1f : scalar.max(a, GUARD, n);
            assertThat(Double.doubleToLongBits(vector.expSum(a, GUARD, n, max)))
                    .isEqualTo(Double.doubleToLongBits(scalar.expSum(a, GUARD, n, max)));
            for (double cut : new double[] {-700, -1.5}) {
                assertThat(Double.doubleToLongBits(vector.entropySum(a, GUARD, n, max, 2.5, cut, 1e-3)))
                        .isEqualTo(Double.doubleToLongBits(scalar.entropySum(a, GUARD, n, max, 2.5, cut, 1e-3)));
            }
            inPlace(a, (k, x) -> x[0] = k.softmaxSum(x, GUARD, n, max));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 16, 24, 64, 128})
    void attentionAgrees(int headDim) {
        int heads = 3;
        float[] query = values(GUARD + heads * headDim, Fill.GAUSSIAN);
        float[] cosine = values(headDim / 2, Fill.GAUSSIAN);
        float[] sine = values(headDim / 2, Fill.GAUSSIAN);
        inPlace(query, (k, x) -> k.rotate(x, GUARD, heads, headDim, cosine, sine));
        float[] weights = values(GUARD + 6 * 160, Fill.GAUSSIAN);
        for (int panels : new int[] {1, 2, 3, 4, 5, 9}) {
            float[] keys = values(5 + panels * headDim * AttentionKernels.KEYS, Fill.GAUSSIAN);
            int entries = panels * AttentionKernels.KEYS;
            for (int queries : new int[] {1, 2, 4, 5}) {
                float[] many = values(GUARD + queries * (headDim + 3), Fill.GAUSSIAN);
                agree(
                        GUARD + queries * (entries + 1),
                        (k, out) -> k.scores(
                                many, 2, headDim + 3, queries, headDim, keys, 5, panels, 0.25f, out, 6, entries + 1));
                agree(
                        GUARD + queries * (headDim + 2),
                        (k, out) -> k.addWeighted(
                                weights, 1, 160, queries, entries - 3, keys, 4, headDim, out, GUARD, headDim + 2));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 64, 65, 72, 1536})
    void embeddingRowsAgree(int width) {
        Matrix codes = int8(9, width, Layout.ROW_MAJOR, false);
        Matrix floats = float32(9, width, Layout.ROW_MAJOR);
        for (int token = 0; token < 9; token++) {
            int row = token;
            agree(GUARD + width, (k, out) -> k.row(codes, row, out, GUARD));
            agree(GUARD + width, (k, out) -> k.row(floats, row, out, GUARD));
        }
    }

    private interface Computation {
        void run(Kernels kernels, float[] out);
    }

    private void agree(int length, Computation computation) {
        float[] expected = new float[length];
        float[] actual = new float[length];
        computation.run(scalar, expected);
        computation.run(vector, actual);
        sameBits(actual, expected);
    }

    private void inPlace(float[] values, Computation computation) {
        float[] expected = values.clone();
        float[] actual = values.clone();
        computation.run(scalar, expected);
        computation.run(vector, actual);
        sameBits(actual, expected);
    }

    private static void sameBits(float[] actual, float[] expected) {
        for (int i = 0; i < expected.length; i++) {
            if (bits(actual[i]) != bits(expected[i])) {
                assertThat(actual[i]).as("entry %d of %d", i, expected.length).isEqualTo(expected[i]);
                assertThat(bits(actual[i])).as("bits of entry %d", i).isEqualTo(bits(expected[i]));
            }
        }
    }

    private static int bits(float value) {
        return Float.floatToIntBits(value); // one NaN: which of its payloads a sum yields is not part of the promise
    }

    private float[] values(int n, Fill fill) {
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            float g = (float) random.nextGaussian();
            values[i] = switch (fill) {
                case GAUSSIAN, ONE_NAN -> g;
                case LARGE -> g * 1e4f;
                case TINY -> g * 1e-30f;
                case ZERO -> i % 2 == 0 ? 0f : -0f;
                case INFINITE -> i % 5 == 0 ? Float.NEGATIVE_INFINITY : g;
            };
        }
        if (fill == Fill.ONE_NAN) {
            values[n / 2] = Float.NaN;
        }
        return values;
    }

    private SpikeLists spikes(int lists, int inputs, int outputs, double rate) {
        SpikeLists spikes = new SpikeLists(lists, inputs, outputs);
        spikes.begin(lists);
        for (int list = 0; list < lists; list++) {
            int count = 0;
            for (int k = 0; k < inputs; k++) {
                if (random.nextDouble() < rate) {
                    spikes.indices()[spikes.offset(list) + count++] = k;
                }
            }
            spikes.count(list, count);
        }
        return spikes;
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

    private FloatMatrix float32(int outputs, int inputs, Layout layout) {
        MemorySegment data = Arena.ofAuto().allocate(layout.elements(outputs, inputs) * Float.BYTES, 64);
        for (int n = 0; n < outputs; n++) {
            for (int k = 0; k < inputs; k++) {
                data.setAtIndex(
                        ValueLayout.JAVA_FLOAT, layout.index(n, k, outputs, inputs), (float) random.nextGaussian());
            }
        }
        return new FloatMatrix(data, outputs, inputs, layout);
    }
}

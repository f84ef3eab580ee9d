package io.spikelet.engine.kernel;

import static io.spikelet.engine.kernel.VectorWidth.CODES;
import static io.spikelet.engine.kernel.VectorWidth.FLOATS;
import static io.spikelet.engine.kernel.VectorWidth.INTS;
import static io.spikelet.engine.kernel.VectorWidth.INTS_TYPE;
import static io.spikelet.engine.kernel.VectorWidth.LANES;

import io.spikelet.engine.tensor.Layout;
import io.spikelet.engine.tensor.W8A8Matrix;
import java.util.Arrays;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/** W8A8 products without integer dot products, and the rounding of inputs. */
final class VectorCodes {
    private static final int PANEL = Layout.LANES;

    /** Adding this to a number below 2^22 leaves the nearest integer, ties to even, in the low bits. */
    private static final float ROUND = 0x1.8p23f;

    private static final int ROUND_BITS = Float.floatToRawIntBits(ROUND);
    private static final int STORED = Math.max(LANES, CODES.length()); // bytes that one store writes

    private VectorCodes() {}

    /** Multiplies; the code tiles of the input must have been computed. */
    static void multiply(W8A8Matrix w, PackedColumns input, int outputs, float[] out, int stride) {
        if (input.columns() == 1) {
            multiplyOne(w, input, outputs, out);
        } else {
            multiplyMany(w, input, outputs, out, stride);
        }
    }

    private static void multiplyOne(W8A8Matrix w, PackedColumns input, int outputs, float[] out) {
        int inputs = input.codes.stride();
        int panels = Layout.pad(outputs) / PANEL;
        long bytes = (long) inputs * PANEL;
        int half = panels / 2;
        int[] sums = input.sums;
        int start = -W8A8Matrix.ZERO_POINT * input.codes.totals[0];
        float factor = input.codes.factors[0];
        for (int p = 0; p < half; p++) {
            Arrays.fill(sums, 0, 2 * PANEL, start);
            for (int k = 0; k < inputs; k += VectorCodePanels.BLOCK) {
                int to = Math.min(inputs, k + VectorCodePanels.BLOCK);
                VectorCodeColumn.multiplyPair(w.data(), p * bytes, (p + half) * bytes, input.values, k, to, sums);
            }
            scaleOut(sums, 0, w.scales(), p * PANEL, factor, outputs, out, 0);
            scaleOut(sums, PANEL, w.scales(), (p + half) * PANEL, factor, outputs, out, 0);
        }
        if (panels % 2 == 1) {
            Arrays.fill(sums, 0, PANEL, start);
            for (int k = 0; k < inputs; k += VectorCodePanels.BLOCK) {
                int to = Math.min(inputs, k + VectorCodePanels.BLOCK);
                VectorCodeColumn.multiply(w.data(), (panels - 1) * bytes, input.values, k, to, sums, 0);
            }
            scaleOut(sums, 0, w.scales(), (panels - 1) * PANEL, factor, outputs, out, 0);
        }
    }

    private static void multiplyMany(W8A8Matrix w, PackedColumns input, int outputs, float[] out, int stride) {
        int inputs = input.codes.stride();
        long bytes = (long) inputs * PANEL;
        int[] sums = input.sums;
        int columns = input.columns();
        for (int n = 0, panel = 0; n < outputs; n += PANEL, panel++) {
            for (int c = 0; c < columns; c++) {
                int start = -W8A8Matrix.ZERO_POINT * input.codes.totals[c];
                Arrays.fill(sums, c * PANEL, (c + 1) * PANEL, start);
            }
            for (int tile = 0, c = 0; tile < input.tiles(); c += input.width(tile), tile++) {
                for (int k = 0; k < inputs; k += VectorCodePanels.BLOCK) {
                    int to = Math.min(inputs, k + VectorCodePanels.BLOCK);
                    VectorCodePanels.multiply(
                            w.data(),
                            panel * bytes,
                            input.width(tile),
                            input.values,
                            c * inputs,
                            k,
                            to,
                            sums,
                            c * PANEL);
                }
            }
            for (int c = 0; c < columns; c++) {
                scaleOut(sums, c * PANEL, w.scales(), n, input.codes.factors[c], outputs, out, c * stride);
            }
        }
    }

    /** Multiplies the sums of one panel by their scales and the factor of the column. */
    private static void scaleOut(
            int[] sums, int from, float[] scales, int n, float factor, int outputs, float[] out, int row) {
        int length = Math.min(PANEL, outputs - n);
        int bound = FLOATS.loopBound(length);
        for (int i = 0; i < bound; i += LANES) {
            ((FloatVector) INTS_TYPE
                            .cast(IntVector.fromArray(INTS, sums, from + i))
                            .castShape(FLOATS, 0))
                    .mul(FloatVector.fromArray(FLOATS, scales, n + i))
                    .mul(factor)
                    .intoArray(out, row + n + i);
        }
        for (int i = bound; i < length; i++) { // scalar tail
            out[row + n + i] = ScalarCodes.output(sums[from + i], scales[n + i], factor);
        }
    }

    static int magnitudeBits(float[] x, int offset, int length) {
        IntVector largest = IntVector.zero(INTS);
        int bound = FLOATS.loopBound(length);
        for (int i = offset; i < offset + bound; i += LANES) {
            largest = largest.max(
                    FloatVector.fromArray(FLOATS, x, i).reinterpretAsInts().and(Integer.MAX_VALUE));
        }
        int soFar = largest.reduceLanes(VectorOperators.MAX);
        return ScalarCodes.magnitudeBits(x, offset + bound, offset + length, soFar);
    }

    static int round(float[] x, int offset, int length, float inverse, byte[] codes, int to) {
        IntVector totals = IntVector.zero(INTS);
        int i = 0;
        for (; i + STORED <= length; i += LANES) {
            IntVector rounded = FloatVector.fromArray(FLOATS, x, offset + i)
                    .mul(inverse)
                    .add(ROUND)
                    .reinterpretAsInts()
                    .sub(ROUND_BITS);
            totals = totals.add(rounded);
            ((ByteVector) INTS_TYPE.cast(rounded).castShape(CODES, 0)).intoArray(codes, to + i);
        }
        int total = totals.reduceLanes(VectorOperators.ADD);
        return total + ScalarCodes.round(x, offset + i, offset + length, inverse, codes, to - offset);
    }
}

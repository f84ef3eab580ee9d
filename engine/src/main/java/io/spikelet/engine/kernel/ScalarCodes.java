package io.spikelet.engine.kernel;

import io.spikelet.engine.tensor.Layout;
import io.spikelet.engine.tensor.W8A8Matrix;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** The specification of W8A8 products, one element at a time. */
final class ScalarCodes {
    private static final int QUAD_BYTES = Layout.LANES * Layout.QUAD; // four inputs of all outputs of a panel

    private static final ValueLayout.OfInt QUAD_CODES =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private ScalarCodes() {}

    /** Multiplies; the codes of the input must have been computed. */
    static void multiply(W8A8Matrix w, PackedColumns input, int outputs, float[] out, int stride) {
        ColumnCodes codes = input.codes;
        for (int c = 0; c < input.columns(); c++) {
            for (int n = 0; n < outputs; n++) {
                int sum = dot(w, n, codes.codes, c * codes.stride());
                out[c * stride + n] = output(sum, w.scales()[n], codes.factors[c]);
            }
        }
    }

    private static int dot(W8A8Matrix w, int output, byte[] codes, int from) {
        MemorySegment data = w.data();
        long row = w.layout().index(output, 0, w.outputs(), w.inputs());
        int sum = 0;
        int quad = 0;
        for (int k = 0; k < w.inputs(); k++) {
            if (k % Layout.QUAD == 0) {
                quad = data.get(QUAD_CODES, row + (long) (k / Layout.QUAD) * QUAD_BYTES);
            }
            sum += ((quad & 0xff) - W8A8Matrix.ZERO_POINT) * codes[from + k];
            quad >>>= Byte.SIZE;
        }
        return sum;
    }

    /** The expression for an output; every W8A8 kernel computes it in this order. */
    static float output(int sum, float scale, float factor) {
        return (float) sum * scale * factor;
    }

    static int magnitudeBits(float[] x, int from, int to, int soFar) {
        int largest = soFar;
        for (int i = from; i < to; i++) {
            largest = Math.max(largest, Float.floatToRawIntBits(x[i]) & Integer.MAX_VALUE);
        }
        return largest;
    }

    static int round(float[] x, int from, int to, float inverse, byte[] codes, int shift) {
        int total = 0;
        for (int i = from; i < to; i++) {
            byte code = (byte) Math.rint(x[i] * inverse); // exact in double
            codes[i + shift] = code;
            total += code;
        }
        return total;
    }
}

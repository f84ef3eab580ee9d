package io.spikelet.engine.kernel;

import static io.spikelet.engine.kernel.AttentionKernels.KEYS;
import static io.spikelet.engine.kernel.VectorWidth.CODES;
import static io.spikelet.engine.kernel.VectorWidth.CODES_TYPE;
import static io.spikelet.engine.kernel.VectorWidth.FLOATS;
import static io.spikelet.engine.kernel.VectorWidth.LANES;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;

/** Keys and values that are stored as codes, a vector at a time. */
final class VectorKeyValues {
    private VectorKeyValues() {}

    static void dequantizeKeys(
            byte[] codes, int from, float[] factors, int at, int panels, int headDim, float[] out, int to) {
        int size = KEYS * headDim;
        for (int panel = 0; panel < panels; panel++) {
            for (int lane = 0; lane < KEYS; lane += LANES) {
                int shift = panel * size + lane;
                dequantizeLanes(codes, from + shift, factors, at + panel * KEYS + lane, size, out, to + shift);
            }
        }
    }

    /** Some keys of a panel, in every channel. */
    private static void dequantizeLanes(
            byte[] codes, int from, float[] factors, int at, int size, float[] out, int to) {
        FloatVector factor = FloatVector.fromArray(FLOATS, factors, at);
        for (int i = 0; i < size; i += KEYS) {
            ((FloatVector) CODES_TYPE
                            .cast(ByteVector.fromArray(CODES, codes, from + i))
                            .castShape(FLOATS, 0))
                    .mul(factor)
                    .intoArray(out, to + i);
        }
    }

    static void dequantizeValues(
            byte[] codes, int from, float[] factors, int at, int count, int headDim, float[] out, int to) {
        int bound = FLOATS.loopBound(headDim);
        for (int j = 0; j < count; j++) {
            int row = from + j * headDim;
            int target = to + j * headDim;
            float factor = factors[at + j];
            for (int d = 0; d < bound; d += LANES) {
                ((FloatVector) CODES_TYPE
                                .cast(ByteVector.fromArray(CODES, codes, row + d))
                                .castShape(FLOATS, 0))
                        .mul(factor)
                        .intoArray(out, target + d);
            }
            ScalarKeyValues.dequantize(codes, row, factor, bound, headDim, out, target);
        }
    }
}

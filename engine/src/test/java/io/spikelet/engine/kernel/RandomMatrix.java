package io.spikelet.engine.kernel;

import io.spikelet.engine.tensor.Int8Matrix;
import io.spikelet.engine.tensor.Layout;
import io.spikelet.engine.tensor.Matrix;
import io.spikelet.engine.tensor.W8A8Matrix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Several random INT8 matrices of one shape, taken in turn, together larger than the last cache: a kernel that streams
 * weights must not find them there.
 */
final class RandomMatrix {
    private static final long BYTES = 256L << 20;
    private static final int TAIL = 64;
    private static final long POSITIVE = 0x7f7f7f7f7f7f7f7fL; // codes 0 to 127
    private static final long ZERO_POINTS = 0x8080808080808080L; // of W8A8, added to each

    private final Matrix[] matrices;
    private int next;

    /** @param layout that of W8A8 makes W8A8 matrices */
    RandomMatrix(int outputs, int inputs, Layout layout, Arena arena) {
        long bytes = layout.elements(outputs, inputs);
        boolean rounded = layout == Layout.QUAD_PANEL;
        int count = Math.toIntExact(Math.max(1, BYTES / bytes));
        MemorySegment data = arena.allocate(count * bytes + TAIL, 64);
        SplittableRandom random = new SplittableRandom(5);
        for (long at = 0; at < count * bytes; at += Long.BYTES) {
            data.set(ValueLayout.JAVA_LONG, at, (random.nextLong() & POSITIVE) | (rounded ? ZERO_POINTS : 0));
        }
        float[] scales = new float[outputs];
        Arrays.fill(scales, 0.01f);
        matrices = new Matrix[count];
        for (int i = 0; i < count; i++) {
            MemorySegment codes = data.asSlice(i * bytes, bytes);
            matrices[i] = rounded
                    ? new W8A8Matrix(codes, scales, outputs, inputs)
                    : new Int8Matrix(codes, scales, outputs, inputs, layout);
        }
    }

    Matrix next() {
        next = next + 1 == matrices.length ? 0 : next + 1;
        return matrices[next];
    }
}

package io.spikelet.engine.kernel;

import io.spikelet.engine.tensor.Int8Matrix;
import io.spikelet.engine.tensor.Layout;
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

    private final Int8Matrix[] matrices;
    private int next;

    RandomMatrix(int outputs, int inputs, Layout layout, Arena arena) {
        long bytes = layout.elements(outputs, inputs);
        int count = Math.toIntExact(Math.max(1, BYTES / bytes));
        MemorySegment data = arena.allocate(count * bytes + TAIL, 64);
        SplittableRandom random = new SplittableRandom(5);
        for (long at = 0; at < count * bytes; at += Long.BYTES) {
            data.set(ValueLayout.JAVA_LONG, at, random.nextLong() & 0x7f7f7f7f7f7f7f7fL); // codes 0 to 127
        }
        float[] scales = new float[outputs];
        Arrays.fill(scales, 0.01f);
        matrices = new Int8Matrix[count];
        for (int i = 0; i < count; i++) {
            matrices[i] = new Int8Matrix(data.asSlice(i * bytes, bytes), scales, outputs, inputs, layout);
        }
    }

    Int8Matrix next() {
        next = next + 1 == matrices.length ? 0 : next + 1;
        return matrices[next];
    }
}

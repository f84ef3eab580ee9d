package io.spikelet.engine.family.symboliclight;

import io.spikelet.engine.kernel.AttentionKernels;
import io.spikelet.engine.model.KeyValueType;

/**
 * The keys or values that were read last, as floats: in the store itself, or widened in a buffer that stays in the
 * first-level cache. Scratch of one decoder; not thread-safe.
 */
final class FloatsRead {
    private static final int PANELS = 4; // the number that the kernels score at once
    private static final int ALL = Integer.MAX_VALUE / AttentionKernels.KEYS;

    final float[] room;
    float[] floats;
    int from;
    private final int panels;

    FloatsRead(KeyValueType type, int headDim) {
        this.panels = type == KeyValueType.FLOAT32 ? ALL : PANELS;
        this.room = new float[Math.toIntExact(bytes(type, headDim) / Float.BYTES)];
    }

    static long bytes(KeyValueType type, int headDim) {
        return type == KeyValueType.FLOAT32 ? 0 : (long) PANELS * AttentionKernels.KEYS * headDim * Float.BYTES;
    }

    /** Maximum number of panels per read. */
    int panels() {
        return panels;
    }

    /** Sets where the floats are. */
    void at(float[] array, int offset) {
        floats = array;
        from = offset;
    }
}

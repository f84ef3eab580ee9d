package io.spikelet.engine.family.symboliclight;

import io.spikelet.engine.kernel.AttentionKernels;
import io.spikelet.engine.model.KeyValueType;

/**
 * Where the keys or values that were read last stand as floats: in the store itself, or widened in scratch that stays in the
 * first-level cache. Scratch of one decoder; not thread-safe.
 */
final class FloatsRead {
    private static final int PANELS = 4; // as many as the kernels score at once
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

    /** Most panels of one read. */
    int panels() {
        return panels;
    }

    /** They stand there. */
    void at(float[] array, int offset) {
        floats = array;
        from = offset;
    }
}

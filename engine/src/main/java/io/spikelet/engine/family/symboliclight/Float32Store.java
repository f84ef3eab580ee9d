package io.spikelet.engine.family.symboliclight;

import static io.spikelet.engine.kernel.AttentionKernels.KEYS;

import io.spikelet.engine.kernel.Kernels;

/** Keys and values as they were computed. */
final class Float32Store extends KeyValueStore {
    private final float[] keys;
    private final float[] values;

    Float32Store(int heads, int headDim, int slots) {
        super(heads, headDim, slots);
        this.keys = new float[channels()];
        this.values = new float[channels()];
    }

    @Override
    void put(Kernels kernels, int head, int slot, int lane, float[] key, int k, float[] value, int v) {
        int to = panel(head, slot) + lane;
        for (int d = 0; d < headDim; d++, to += KEYS) {
            keys[to] = key[k + d];
        }
        System.arraycopy(value, v, values, row(head, slot * KEYS + lane), headDim);
    }

    @Override
    void keys(Kernels kernels, int head, int slot, int panels, FloatsRead to) {
        to.at(keys, panel(head, slot));
    }

    @Override
    void values(Kernels kernels, int head, int entry, int count, FloatsRead to) {
        to.at(values, row(head, entry));
    }

    @Override
    void copy(KeyValueStore other, int from, int to) {
        Float32Store source = (Float32Store) other;
        System.arraycopy(source.keys, from * headDim, keys, to * headDim, KEYS * headDim);
        System.arraycopy(source.values, from * headDim, values, to * headDim, KEYS * headDim);
    }
}

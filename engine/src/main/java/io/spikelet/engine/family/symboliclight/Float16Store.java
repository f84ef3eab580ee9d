package io.spikelet.engine.family.symboliclight;

import static io.spikelet.engine.kernel.AttentionKernels.KEYS;

import io.spikelet.engine.kernel.Kernels;

/** Keys and values in binary16. */
final class Float16Store extends KeyValueStore {
    private final short[] keys;
    private final short[] values;

    Float16Store(int heads, int headDim, int slots) {
        super(heads, headDim, slots);
        this.keys = new short[channels()];
        this.values = new short[channels()];
    }

    @Override
    void put(Kernels kernels, int head, int slot, int lane, float[] key, int k, float[] value, int v) {
        kernels.narrow(key, k, headDim, keys, panel(head, slot) + lane, KEYS);
        kernels.narrow(value, v, headDim, values, row(head, slot * KEYS + lane), 1);
    }

    @Override
    void keys(Kernels kernels, int head, int slot, int panels, FloatsRead to) {
        kernels.widen(keys, panel(head, slot), panels * KEYS * headDim, to.room, 0);
        to.at(to.room, 0);
    }

    @Override
    void values(Kernels kernels, int head, int entry, int count, FloatsRead to) {
        kernels.widen(values, row(head, entry), count * headDim, to.room, 0);
        to.at(to.room, 0);
    }

    @Override
    void copy(KeyValueStore other, int from, int to) {
        Float16Store source = (Float16Store) other;
        System.arraycopy(source.keys, from * headDim, keys, to * headDim, KEYS * headDim);
        System.arraycopy(source.values, from * headDim, values, to * headDim, KEYS * headDim);
    }
}

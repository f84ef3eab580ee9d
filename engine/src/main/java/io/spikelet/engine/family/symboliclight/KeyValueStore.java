package io.spikelet.engine.family.symboliclight;

import static io.spikelet.engine.kernel.AttentionKernels.KEYS;

import io.spikelet.engine.kernel.Kernels;
import io.spikelet.engine.model.KeyValueType;

/**
 * The keys {@code (head, slot, channel, lane)} and values {@code (head, slot, lane, channel)} of a {@link KeyValueCache}, in
 * one of the types of {@link KeyValueType}. Not thread-safe.
 */
abstract sealed class KeyValueStore permits Float32Store, Float16Store, Int8Store {
    final int headDim;
    final int heads;
    final int slots;

    KeyValueStore(int heads, int headDim, int slots) {
        this.heads = heads;
        this.headDim = headDim;
        this.slots = slots;
    }

    static KeyValueStore of(KeyValueType type, int heads, int headDim, int slots) {
        return switch (type) {
            case FLOAT32 -> new Float32Store(heads, headDim, slots);
            case FLOAT16 -> new Float16Store(heads, headDim, slots);
            case INT8 -> new Int8Store(heads, headDim, slots);
        };
    }

    /** Stores {@code key[k .. k + headDim)} and {@code value[v .. v + headDim)}. */
    abstract void put(Kernels kernels, int head, int slot, int lane, float[] key, int k, float[] value, int v);

    /** Reads the keys of consecutive slots. */
    abstract void keys(Kernels kernels, int head, int slot, int panels, FloatsRead to);

    /** Reads the values of consecutive positions, the first at {@code entry = slot * 16 + lane}. */
    abstract void values(Kernels kernels, int head, int entry, int count, FloatsRead to);

    /** Copies slot {@code from} of a store of the same type and heads to slot {@code to}. */
    final void copyPanel(KeyValueStore other, int from, int to) {
        for (int h = 0; h < heads; h++) {
            copy(other, (h * other.slots + from) * KEYS, (h * slots + to) * KEYS);
        }
    }

    /** Copies 16 positions of a head; {@code from} and {@code to} are the first entries, counted over all heads. */
    abstract void copy(KeyValueStore other, int from, int to);

    /** Number of elements of the keys, and of the values: all heads, positions and channels. */
    final int channels() {
        return Math.multiplyExact(slots * KEYS, heads * headDim);
    }

    /** Offset of the first key of a slot. */
    final int panel(int head, int slot) {
        return (head * slots + slot) * KEYS * headDim;
    }

    /** Offset of the value of an entry. */
    final int row(int head, int entry) {
        return (head * slots * KEYS + entry) * headDim;
    }
}

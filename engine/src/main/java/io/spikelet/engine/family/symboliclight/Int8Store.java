package io.spikelet.engine.family.symboliclight;

import static io.spikelet.engine.kernel.AttentionKernels.KEYS;

import io.spikelet.engine.kernel.AttentionKernels;
import io.spikelet.engine.kernel.Kernels;

/** Keys and values as codes, with a factor for each head and position. */
final class Int8Store extends KeyValueStore {
    private final byte[] keys;
    private final byte[] values;
    private final float[] keyFactors; // (head, slot, lane)
    private final float[] valueFactors; // (head, slot, lane)
    private final byte[] codes; // of the key that is stored

    Int8Store(int heads, int headDim, int slots) {
        super(heads, headDim, slots);
        this.keys = new byte[channels() + AttentionKernels.SPARE_CODES];
        this.values = new byte[channels() + AttentionKernels.SPARE_CODES];
        this.keyFactors = new float[heads * slots * KEYS];
        this.valueFactors = new float[heads * slots * KEYS];
        this.codes = new byte[headDim];
    }

    @Override
    void put(Kernels kernels, int head, int slot, int lane, float[] key, int k, float[] value, int v) {
        int entry = (head * slots + slot) * KEYS + lane;
        keyFactors[entry] = kernels.quantize(key, k, headDim, codes, 0);
        int to = panel(head, slot) + lane;
        for (int d = 0; d < headDim; d++, to += KEYS) {
            keys[to] = codes[d];
        }
        valueFactors[entry] = kernels.quantize(value, v, headDim, values, entry * headDim);
    }

    @Override
    void keys(Kernels kernels, int head, int slot, int panels, FloatsRead to) {
        int factor = (head * slots + slot) * KEYS;
        kernels.dequantizeKeys(keys, panel(head, slot), keyFactors, factor, panels, headDim, to.room, 0);
        to.at(to.room, 0);
    }

    @Override
    void values(Kernels kernels, int head, int entry, int count, FloatsRead to) {
        int factor = head * slots * KEYS + entry;
        kernels.dequantizeValues(values, row(head, entry), valueFactors, factor, count, headDim, to.room, 0);
        to.at(to.room, 0);
    }

    /** Scores the keys of consecutive slots for one query without writing them as floats. */
    void scores(
            Kernels kernels,
            int head,
            int slot,
            int panels,
            float[] query,
            int at,
            float scale,
            float[] scores,
            int to) {
        int factor = (head * slots + slot) * KEYS;
        kernels.scoresOfCodes(
                query, at, headDim, keys, panel(head, slot), keyFactors, factor, panels, scale, scores, to);
    }

    /** Adds the values of consecutive positions, times their weights, to one query's output. */
    void addWeighted(Kernels kernels, int head, int entry, int count, float[] weights, int first, float[] out, int to) {
        int factor = head * slots * KEYS + entry;
        kernels.addWeightedCodes(
                weights, first, values, row(head, entry), valueFactors, factor, count, headDim, out, to);
    }

    @Override
    void copy(KeyValueStore other, int from, int to) {
        Int8Store source = (Int8Store) other;
        System.arraycopy(source.keys, from * headDim, keys, to * headDim, KEYS * headDim);
        System.arraycopy(source.values, from * headDim, values, to * headDim, KEYS * headDim);
        System.arraycopy(source.keyFactors, from, keyFactors, to, KEYS);
        System.arraycopy(source.valueFactors, from, valueFactors, to, KEYS);
    }
}

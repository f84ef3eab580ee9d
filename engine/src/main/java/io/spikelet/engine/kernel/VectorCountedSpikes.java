package io.spikelet.engine.kernel;

import static io.spikelet.engine.kernel.VectorWidth.SHORTS;
import static io.spikelet.engine.kernel.VectorWidth.SHORT_CODES;
import static io.spikelet.engine.kernel.VectorWidth.SHORT_CODES_TYPE;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.ShortVector;

/**
 * Sums of weight vectors with counts. A short accumulator takes at most {@link VectorSpikes#WIDEN_EVERY} codes before
 * it is widened, where a code is counted as often as it is added.
 */
final class VectorCountedSpikes {
    private static final int GROUP = 4;

    private VectorCountedSpikes() {}

    /** Adds the vectors of the list's remaining inputs below {@code limit}. */
    static void addUpTo(MemorySegment data, SpikeLists spikes, int list, int limit, int padded) {
        int[] indices = spikes.indices;
        int[] times = spikes.times;
        int from = spikes.offset(list);
        int end = from + spikes.count(list);
        int i = from + spikes.next[list];
        while (i < end && indices[i] < limit) {
            int last = i;
            int pending = spikes.pending[list];
            while (last < end
                    && last < i + GROUP
                    && indices[last] < limit
                    && times[last] <= VectorSpikes.WIDEN_EVERY - pending) {
                pending += times[last++];
            }
            if (last > i) {
                addGroup(data, spikes, i, last, padded, list * padded);
                spikes.pending[list] = pending;
            } else if (times[i] > VectorSpikes.WIDEN_EVERY) {
                addIntegers(data, (long) indices[i] * padded, times[i], spikes.integers, list * padded, padded);
                last = i + 1;
            } else {
                VectorSpikes.widen(spikes, list, padded);
            }
            i = last;
        }
        spikes.next[list] = i - from;
    }

    private static void addGroup(MemorySegment data, SpikeLists spikes, int from, int to, int stride, int at) {
        if (to - from == GROUP) {
            add4(data, spikes.indices, spikes.times, from, stride, spikes.shorts, at);
            return;
        }
        for (int i = from; i < to; i++) {
            add1(data, (long) spikes.indices[i] * stride, (short) spikes.times[i], stride, spikes.shorts, at);
        }
    }

    private static void add4(MemorySegment data, int[] indices, int[] times, int i, int stride, short[] sums, int at) {
        long r0 = (long) indices[i] * stride;
        long r1 = (long) indices[i + 1] * stride;
        long r2 = (long) indices[i + 2] * stride;
        long r3 = (long) indices[i + 3] * stride;
        ShortVector t0 = ShortVector.broadcast(SHORTS, (short) times[i]);
        ShortVector t1 = ShortVector.broadcast(SHORTS, (short) times[i + 1]);
        ShortVector t2 = ShortVector.broadcast(SHORTS, (short) times[i + 2]);
        ShortVector t3 = ShortVector.broadcast(SHORTS, (short) times[i + 3]);
        for (int o = 0; o < stride; o += SHORTS.length()) {
            ShortVector v0 = (ShortVector) SHORT_CODES_TYPE
                    .cast(ByteVector.fromMemorySegment(SHORT_CODES, data, r0 + o, LITTLE_ENDIAN))
                    .castShape(SHORTS, 0);
            ShortVector v1 = (ShortVector) SHORT_CODES_TYPE
                    .cast(ByteVector.fromMemorySegment(SHORT_CODES, data, r1 + o, LITTLE_ENDIAN))
                    .castShape(SHORTS, 0);
            ShortVector v2 = (ShortVector) SHORT_CODES_TYPE
                    .cast(ByteVector.fromMemorySegment(SHORT_CODES, data, r2 + o, LITTLE_ENDIAN))
                    .castShape(SHORTS, 0);
            ShortVector v3 = (ShortVector) SHORT_CODES_TYPE
                    .cast(ByteVector.fromMemorySegment(SHORT_CODES, data, r3 + o, LITTLE_ENDIAN))
                    .castShape(SHORTS, 0);
            ShortVector.fromArray(SHORTS, sums, at + o)
                    .add(v0.mul(t0).add(v1.mul(t1)).add(v2.mul(t2).add(v3.mul(t3))))
                    .intoArray(sums, at + o);
        }
    }

    private static void add1(MemorySegment data, long row, short times, int stride, short[] sums, int at) {
        for (int o = 0; o < stride; o += SHORTS.length()) {
            ShortVector v = (ShortVector) SHORT_CODES_TYPE
                    .cast(ByteVector.fromMemorySegment(SHORT_CODES, data, row + o, LITTLE_ENDIAN))
                    .castShape(SHORTS, 0);
            ShortVector.fromArray(SHORTS, sums, at + o).add(v.mul(times)).intoArray(sums, at + o);
        }
    }

    /** Adds a vector whose count is too large for the short accumulators directly to the integers. */
    private static void addIntegers(MemorySegment data, long row, int times, int[] sums, int at, int stride) {
        for (int o = 0; o < stride; o++) {
            sums[at + o] += times * data.get(ValueLayout.JAVA_BYTE, row + o);
        }
    }
}

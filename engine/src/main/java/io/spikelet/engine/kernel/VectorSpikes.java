package io.spikelet.engine.kernel;

import static io.spikelet.engine.kernel.VectorWidth.FLOATS;
import static io.spikelet.engine.kernel.VectorWidth.LANES;
import static io.spikelet.engine.kernel.VectorWidth.SHORTS;
import static io.spikelet.engine.kernel.VectorWidth.SHORT_CODES;
import static io.spikelet.engine.kernel.VectorWidth.SHORT_CODES_TYPE;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.spikelet.engine.tensor.FloatMatrix;
import io.spikelet.engine.tensor.Int8Matrix;
import io.spikelet.engine.tensor.Layout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/** Spikes: thresholds to index lists, and sums of the weight vectors of the active units. */
final class VectorSpikes {
    /** 258 codes of at most 127 fit a short; a multiple of 16 leaves no incomplete groups. */
    static final int WIDEN_EVERY = 256;

    /**
     * Number of inputs per chunk. All lists process a chunk before the next one, so it is read from memory once and
     * then from the cache.
     */
    private static final int CHUNK = 256;

    /** With this many lists or more, most vectors of a chunk are used by at least one of them. */
    private static final int TOUCH_FROM = 8;

    private static final int LINE = 64;

    private VectorSpikes() {}

    static int threshold(float[] values, int offset, int length, float threshold, int[] indices, int to) {
        int end = to;
        int bound = FLOATS.loopBound(length);
        for (int i = 0; i < bound; i += LANES) {
            long fired = FloatVector.fromArray(FLOATS, values, offset + i)
                    .compare(VectorOperators.GE, threshold)
                    .toLong();
            while (fired != 0) {
                indices[end++] = i + Long.numberOfTrailingZeros(fired);
                fired &= fired - 1;
            }
        }
        return ScalarKernels.threshold(values, offset, bound, length, threshold, indices, end) - to;
    }

    static int integrateAndFire(
            float[] membrane,
            float[] input,
            int offset,
            int length,
            float leak,
            float threshold,
            int[] indices,
            int to) {
        int end = to;
        int bound = FLOATS.loopBound(length);
        FloatVector leaks = FloatVector.broadcast(FLOATS, leak);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector v = leaks.fma(
                            FloatVector.fromArray(FLOATS, membrane, i),
                            FloatVector.fromArray(FLOATS, input, offset + i))
                    .max(-ScalarKernels.MEMBRANE_LIMIT)
                    .min(ScalarKernels.MEMBRANE_LIMIT);
            var mask = v.compare(VectorOperators.GE, threshold);
            v.blend(0f, mask).intoArray(membrane, i);
            long fired = mask.toLong();
            while (fired != 0) {
                indices[end++] = i + Long.numberOfTrailingZeros(fired);
                fired &= fired - 1;
            }
        }
        return ScalarKernels.integrateAndFire(membrane, input, offset, bound, length, leak, threshold, indices, end)
                - to;
    }

    static void accumulate(Int8Matrix w, SpikeLists spikes, float[] out, int stride) {
        int lists = spikes.lists();
        int padded = Layout.pad(w.outputs()); // stride of the matrix's vectors; the lists may have more accumulators
        Arrays.fill(spikes.integers, 0, lists * padded, 0);
        Arrays.fill(spikes.shorts, 0, lists * padded, (short) 0);
        Arrays.fill(spikes.pending, 0, lists, 0);
        Arrays.fill(spikes.next, 0, lists, 0);
        if (lists == 1) {
            addUpTo(w, spikes, 0, Integer.MAX_VALUE, padded);
        } else {
            for (int limit = CHUNK; limit < w.inputs() + CHUNK; limit += CHUNK) {
                if (lists >= TOUCH_FROM) {
                    spikes.touched +=
                            touch(w.data(), (long) (limit - CHUNK) * padded, Math.min(limit, w.inputs()), padded);
                }
                for (int list = 0; list < lists; list++) {
                    addUpTo(w, spikes, list, limit, padded);
                }
            }
        }
        for (int list = 0; list < lists; list++) {
            widen(spikes, list, padded);
            convert(spikes.integers, list * padded, w.scales(), w.outputs(), out, list * stride);
        }
    }

    /**
     * Reads one word per cache line of a chunk in order, which the prefetcher handles better than the order of the
     * lists.
     */
    private static long touch(MemorySegment data, long from, int limit, int padded) {
        long end = (long) limit * padded;
        long sum = 0;
        for (long at = from; at < end; at += LINE) {
            sum += data.get(ValueLayout.JAVA_LONG_UNALIGNED, at);
        }
        return sum;
    }

    /** Adds the vectors of the list's remaining inputs below {@code limit}. */
    private static void addUpTo(Int8Matrix w, SpikeLists spikes, int list, int limit, int padded) {
        if (spikes.times != null) {
            VectorCountedSpikes.addUpTo(w.data(), spikes, list, limit, padded);
            return;
        }
        int[] indices = spikes.indices;
        int from = spikes.offset(list);
        int end = from + spikes.count(list);
        int i = from + spikes.next[list];
        while (i < end && indices[i] < limit) {
            int room = Math.min(end, i + WIDEN_EVERY - spikes.pending[list]);
            int last = i;
            while (last < room && indices[last] < limit) {
                last++;
            }
            addRange(w.data(), indices, i, last, padded, spikes.shorts, list * padded);
            spikes.pending[list] += last - i;
            i = last;
            if (spikes.pending[list] >= WIDEN_EVERY) {
                widen(spikes, list, padded);
            }
        }
        spikes.next[list] = i - from;
    }

    private static void addRange(
            MemorySegment data, int[] indices, int from, int to, int stride, short[] sums, int at) {
        int i = from;
        for (; i + 8 <= to; i += 8) {
            VectorSpikeGroups.add8(data, indices, i, stride, sums, at);
        }
        if (i + 4 <= to) {
            VectorSpikeGroups.add4(data, indices, i, stride, sums, at);
            i += 4;
        }
        if (i + 2 <= to) {
            VectorSpikeGroups.add2(data, indices, i, stride, sums, at);
            i += 2;
        }
        if (i < to) {
            add1(data, (long) indices[i] * stride, stride, sums, at);
        }
    }

    private static void add1(MemorySegment data, long row, int stride, short[] sums, int at) {
        for (int o = 0; o < stride; o += SHORTS.length()) {
            ShortVector v = (ShortVector) SHORT_CODES_TYPE
                    .cast(ByteVector.fromMemorySegment(SHORT_CODES, data, row + o, LITTLE_ENDIAN))
                    .castShape(SHORTS, 0);
            ShortVector.fromArray(SHORTS, sums, at + o).add(v).intoArray(sums, at + o);
        }
    }

    /** Moves the short sums into the integer sums. A plain loop: the compiler vectorises it, and integers are exact. */
    static void widen(SpikeLists spikes, int list, int padded) {
        short[] sums = spikes.shorts;
        int[] integers = spikes.integers;
        for (int o = list * padded; o < (list + 1) * padded; o++) {
            integers[o] += sums[o];
            sums[o] = 0;
        }
        spikes.pending[list] = 0;
    }

    private static void convert(int[] sums, int from, float[] scales, int outputs, float[] out, int to) {
        for (int o = 0; o < outputs; o++) {
            out[to + o] = sums[from + o] * scales[o];
        }
    }

    static void accumulate(FloatMatrix w, SpikeLists spikes, float[] out, int stride) {
        int outputs = w.outputs();
        long row = (long) Layout.pad(outputs) * Float.BYTES;
        for (int list = 0; list < spikes.lists(); list++) {
            int to = list * stride;
            Arrays.fill(out, to, to + outputs, 0f);
            for (int j = 0, i = spikes.offset(list); j < spikes.count(list); j++, i++) {
                int times = spikes.times == null ? 1 : spikes.times[i];
                add(w.data(), spikes.indices[i] * row, times, outputs, out, to);
            }
        }
    }

    private static void add(MemorySegment data, long row, int times, int outputs, float[] out, int to) {
        int o = 0;
        for (; o + LANES <= outputs; o += LANES) {
            FloatVector v = FloatVector.fromMemorySegment(FLOATS, data, row + (long) o * Float.BYTES, LITTLE_ENDIAN);
            FloatVector.fromArray(FLOATS, out, to + o).add(v.mul(times)).intoArray(out, to + o);
        }
        for (; o < outputs; o++) { // scalar tail
            out[to + o] += times * data.get(ScalarKernels.FLOAT, row + (long) o * Float.BYTES);
        }
    }
}

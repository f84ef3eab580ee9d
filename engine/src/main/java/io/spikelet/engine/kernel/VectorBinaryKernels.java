package io.spikelet.engine.kernel;

import static io.spikelet.engine.kernel.VectorWidth.BITS;
import static io.spikelet.engine.kernel.VectorWidth.FLOATS;
import static io.spikelet.engine.kernel.VectorWidth.LANES;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Gives the bits of {@link ScalarBinaryKernels}, with several neurons or keys at a time. Plain element-wise loops and
 * loops over set bits are inherited from the scalar class: the compiler vectorises the former, and the latter cannot be
 * vectorised.
 */
final class VectorBinaryKernels extends ScalarBinaryKernels {
    static final VectorBinaryKernels INSTANCE = new VectorBinaryKernels();

    private static final VectorSpecies<Long> LONGS = BITS == 512 ? LongVector.SPECIES_512 : LongVector.SPECIES_256;

    /** 128-bit vectors hold only two keys, which is not faster. */
    private static final boolean WIDE = BITS >= 256;

    private VectorBinaryKernels() {}

    @Override
    public void fire(
            float[] charges,
            int offset,
            int stride,
            int steps,
            int length,
            MembraneReset reset,
            float beta,
            float threshold,
            long[] bits,
            int to,
            int wordStride) {
        for (int t = 0; t < steps; t++) {
            Arrays.fill(bits, to + t * wordStride, to + t * wordStride + HeadBits.words(length), 0);
        }
        int bound = FLOATS.loopBound(length);
        switch (reset) {
            case HARD -> fireHard(charges, offset, stride, steps, bound, beta, threshold, bits, to, wordStride);
            case SOFT_A -> fireSoftA(charges, offset, stride, steps, bound, beta, threshold, bits, to, wordStride);
            case SOFT_B -> fireSoftB(charges, offset, stride, steps, bound, beta, threshold, bits, to, wordStride);
        }
        fireFrom(bound, charges, offset, stride, steps, length, reset, beta, threshold, bits, to, wordStride);
    }

    private static void fireHard(
            float[] charges,
            int offset,
            int stride,
            int steps,
            int bound,
            float beta,
            float threshold,
            long[] bits,
            int to,
            int wordStride) {
        for (int i = 0; i < bound; i += LANES) {
            FloatVector v = FloatVector.zero(FLOATS);
            int at = offset + i;
            int word = to + i / Long.SIZE;
            for (int t = 0; t < steps; t++) {
                FloatVector h = v.mul(beta).add(FloatVector.fromArray(FLOATS, charges, at));
                var fired = h.compare(VectorOperators.GE, threshold);
                v = h.blend(0f, fired);
                bits[word] |= fired.toLong() << i;
                at += stride;
                word += wordStride;
            }
        }
    }

    private static void fireSoftA(
            float[] charges,
            int offset,
            int stride,
            int steps,
            int bound,
            float beta,
            float threshold,
            long[] bits,
            int to,
            int wordStride) {
        for (int i = 0; i < bound; i += LANES) {
            FloatVector v = FloatVector.zero(FLOATS);
            int at = offset + i;
            int word = to + i / Long.SIZE;
            for (int t = 0; t < steps; t++) {
                FloatVector h = v.mul(beta).add(FloatVector.fromArray(FLOATS, charges, at));
                var fired = h.compare(VectorOperators.GE, threshold);
                v = h.blend(h.sub(threshold), fired);
                bits[word] |= fired.toLong() << i;
                at += stride;
                word += wordStride;
            }
        }
    }

    private static void fireSoftB(
            float[] charges,
            int offset,
            int stride,
            int steps,
            int bound,
            float beta,
            float threshold,
            long[] bits,
            int to,
            int wordStride) {
        FloatVector zero = FloatVector.zero(FLOATS);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector v = FloatVector.zero(FLOATS);
            FloatVector owed = FloatVector.zero(FLOATS);
            int at = offset + i;
            int word = to + i / Long.SIZE;
            for (int t = 0; t < steps; t++) {
                v = v.mul(beta).add(FloatVector.fromArray(FLOATS, charges, at)).sub(owed);
                var fired = v.compare(VectorOperators.GE, threshold);
                owed = zero.blend(threshold, fired);
                bits[word] |= fired.toLong() << i;
                at += stride;
                word += wordStride;
            }
        }
    }

    @Override
    public void overlap(
            long[] query,
            int from,
            HeadBits heads,
            long[] keys,
            int at,
            int keyStride,
            int positions,
            long[] fired,
            int to,
            int firedStride) {
        if (!WIDE) {
            super.overlap(query, from, heads, keys, at, keyStride, positions, fired, to, firedStride);
            return;
        }
        for (int head = 0; head < heads.heads(); head++) {
            int j = 0;
            int word = to + head * firedStride;
            for (; j + Long.SIZE <= positions; j += Long.SIZE) {
                long bits = 0;
                for (int w = heads.firstWord(head); w <= heads.lastWord(head); w++) {
                    long channels = query[from + w] & heads.mask(head, w);
                    bits |= channels == 0 ? 0 : overlap64(channels, keys, at + w * keyStride + j);
                }
                fired[word++] = bits;
            }
            if (j < positions) {
                fired[word] = overlapWord(query, from, heads, head, keys, at, keyStride, j, positions);
            }
        }
    }

    private static long overlap64(long channels, long[] keys, int at) {
        long bits = 0;
        for (int j = 0; j < Long.SIZE; j += LONGS.length()) {
            bits |= LongVector.fromArray(LONGS, keys, at + j)
                            .and(channels)
                            .compare(VectorOperators.NE, 0)
                            .toLong()
                    << j;
        }
        return bits;
    }
}

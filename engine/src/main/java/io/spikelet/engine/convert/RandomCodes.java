package io.spikelet.engine.convert;

import java.nio.ByteBuffer;

/**
 * Uniform INT8 codes in {@code [-127, 127]} from a counter: SplitMix64's finaliser over (seed, tensor, output, input /
 * 8), one byte per input. Any part of a row can be generated without the rest.
 */
public final class RandomCodes implements RowElements {
    /** Standard deviation of a code; a draw of -128 becomes 0, so zero is twice as likely as any other code. */
    public static final double DEVIATION = Math.sqrt(2 * (127.0 * 128 * 255 / 6) / 256);

    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private final long key;

    /** The codes of one tensor. */
    public RandomCodes(long seed, String tensor) {
        key = mix(mix(seed) + tensor.hashCode() * GOLDEN);
    }

    @Override
    public void fill(int output, int from, int count, ByteBuffer block, int at, int step) {
        long row = mix(key + output * GOLDEN);
        int place = at;
        for (int input = from; input < from + count; ) {
            long bits = mix(row + (input >>> 3) * GOLDEN) >>> ((input & 7) * 8);
            int end = Math.min(from + count, (input | 7) + 1);
            for (; input < end; input++) {
                byte code = (byte) bits;
                block.put(place, code == Byte.MIN_VALUE ? 0 : code);
                bits >>>= 8;
                place += step;
            }
        }
    }

    /** A float in [-1, 1) from the same stream, for vectors. */
    public float uniform(int index) {
        return (mix(key + index * GOLDEN) >> 40) / (float) (1 << 23);
    }

    private static long mix(long value) {
        long z = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}

package io.spikelet.engine.decode;

import java.nio.charset.StandardCharsets;

/**
 * Random numbers that depend only on (seed, row id, sample index, step), so that a row draws the same numbers in every
 * partition, executor and attempt. Stateless and thread-safe.
 *
 * <p>Algorithm, which must not change: {@code h = } FNV-1a 64 of the row id's UTF-8 bytes (Fowler, Noll, Vo; RFC 9923).
 * With the finaliser of SplitMix64, {@code mix(z) = z ^= z >>> 30, z *= 0xbf58476d1ce4e5b9, z ^= z >>> 27, z *=
 * 0x94d049bb133111eb, z ^= z >>> 31} (Stafford's variant 13; Steele, Lea, Flood, "Fast Splittable Pseudorandom Number
 * Generators", OOPSLA 2014) and {@code x = 0} at first, each of seed, h, sample index and step is absorbed by {@code x
 * = mix(x ^ mix(word + 0x9e3779b97f4a7c15))}. The upper 53 bits of x are the fraction.
 */
public final class RowRandom {
    private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;
    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;
    private static final double ULP_OF_FRACTION = 0x1p-53;

    private RowRandom() {}

    /** Uniform in [0, 1), a multiple of 2^-53. */
    public static double uniform(long seed, String rowId, int sampleIndex, int step) {
        return uniform(key(seed, rowId, sampleIndex), step);
    }

    /** The part of the computation that all steps of one sample of a row share. */
    static long key(long seed, String rowId, int sampleIndex) {
        return absorb(absorb(absorb(0, seed), hash(rowId)), sampleIndex);
    }

    /** Uniform in [0, 1) for a {@link #key}. */
    static double uniform(long key, int step) {
        return (absorb(key, step) >>> 11) * ULP_OF_FRACTION;
    }

    private static long absorb(long state, long word) {
        return mix(state ^ mix(word + GOLDEN_GAMMA));
    }

    private static long mix(long word) {
        long z = word;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }

    private static long hash(String rowId) {
        long hash = FNV_OFFSET;
        for (byte b : rowId.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (b & 0xff)) * FNV_PRIME;
        }
        return hash;
    }
}

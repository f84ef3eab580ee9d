package io.spikelet.engine.bench;

import java.util.SplittableRandom;

/**
 * An endless, repeating sequence of random token ids, the same for the same seed; {@code next} allocates nothing. Not
 * thread-safe.
 */
final class TokenSource {
    private final int[] ids = new int[1 << 14];
    private int next;

    TokenSource(int vocabulary, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < ids.length; i++) {
            ids[i] = random.nextInt(vocabulary);
        }
    }

    int next() {
        return ids[next++ & ids.length - 1];
    }
}

package io.spikelet.engine.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.engine.family.symboliclight.SymbolicLightPreset;
import io.spikelet.engine.model.StateShape;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PrefixCacheTest {
    private static final int VOCABULARY = 100;
    private static final StateShape SHAPE = SymbolicLightPreset.TINY.config().states(8);
    private static final long ENTRY = SHAPE.bytes(16) + 4 * VOCABULARY;

    private static int[] ids(int seed, int length) {
        return new Random(seed).ints(length, 0, 1_000_000).toArray();
    }

    private static DecoderState state(int positions) {
        return new DecoderState(SHAPE.create(positions), SHAPE.capacity(positions));
    }

    private static Optional<PrefixCacheEntry> keep(PrefixCache cache, int[] ids) {
        Optional<PrefixCacheEntry> kept = cache.keep(ids, ids.length, state(ids.length));
        kept.ifPresent(snapshot -> snapshot.logits(new float[VOCABULARY], 0));
        return kept;
    }

    @Test
    void findsTheLongestBeginning() {
        PrefixCache cache = new PrefixCache(SHAPE, VOCABULARY, 10 * ENTRY);
        int[] prompt = ids(1, 12);
        cache.keep(prompt, 4, state(12));
        cache.keep(prompt, 7, state(12));
        keep(cache, ids(2, 12));
        assertThat(cache.longest(prompt))
                .hasValueSatisfying(s -> assertThat(s.length()).isEqualTo(7));
        assertThat(cache.longest(IntStream.of(prompt).limit(6).toArray()))
                .hasValueSatisfying(s -> assertThat(s.length()).isEqualTo(4));
        assertThat(cache.longest(IntStream.of(prompt).limit(3).toArray())).isEmpty();
        assertThat(cache.longestMatch(IntStream.of(prompt).limit(6).toArray())).isEqualTo(6);
        assertThat(cache.longestMatch(ids(3, 5))).isZero();
    }

    @Test
    void aWholePromptIsOnlyKnownWithItsLogits() {
        PrefixCache cache = new PrefixCache(SHAPE, VOCABULARY, 10 * ENTRY);
        int[] prompt = ids(1, 12);
        cache.keep(prompt, 12, state(12));
        assertThat(cache.longest(prompt)).isEmpty();
        cache.keep(prompt, 12, state(12)).orElseThrow().logits(new float[VOCABULARY], 0);
        assertThat(cache.longest(prompt)).isPresent();
        assertThat(cache.bytes()).as("kept once").isEqualTo(ENTRY);
    }

    @Test
    void neverTakesMoreThanItsLimitAndDropsTheLeastRecentlyUsed() {
        PrefixCache cache = new PrefixCache(SHAPE, VOCABULARY, 3 * ENTRY);
        for (int i = 0; i < 20; i++) {
            assertThat(keep(cache, ids(i, 12))).isPresent();
            assertThat(cache.bytes()).isLessThanOrEqualTo(3 * ENTRY);
        }
        assertThat(cache.longest(ids(19, 12))).isPresent();
        assertThat(cache.longest(ids(17, 12))).isPresent();
        assertThat(cache.longest(ids(16, 12))).isEmpty();
        assertThat(keep(new PrefixCache(SHAPE, VOCABULARY, ENTRY - 1), ids(1, 12)))
                .isEmpty();
        assertThat(keep(new PrefixCache(SHAPE, VOCABULARY, 0), ids(1, 1))).isEmpty();
    }

    @Test
    void whatServesOutlastsNewcomersAndNotForever() {
        PrefixCache cache = new PrefixCache(SHAPE, VOCABULARY, 2 * ENTRY);
        int[] served = ids(1, 12);
        keep(cache, served);
        for (int i = 0; i < 50; i++) {
            keep(cache, ids(100 + i, 12));
            assertThat(cache.longest(served)).as("%d", i).isPresent();
        }
        for (int i = 0; i < 200; i++) {
            keep(cache, ids(1000 + i, 12));
        }
        assertThat(cache.longest(served)).isEmpty();
    }

    @Test
    void aFullCacheUsesItsMemoryAgain() {
        PrefixCache cache = new PrefixCache(SHAPE, VOCABULARY, 6 * ENTRY);
        for (int i = 0; i < 20; i++) {
            keep(cache, ids(i, i % 3 == 0 ? 30 : 12));
        }
        for (int i = 20; i < 60; i++) {
            int[] prompt = ids(i, i % 3 == 0 ? 30 : 12);
            long before = cache.bytes();
            assertThat(keep(cache, prompt)).isPresent();
            assertThat(cache.bytes()).isEqualTo(before);
        }
    }
}

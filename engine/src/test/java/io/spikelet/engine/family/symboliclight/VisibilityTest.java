package io.spikelet.engine.family.symboliclight;

import static org.assertj.core.api.Assertions.assertThat;

import io.spikelet.engine.kernel.ScalarKernels;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class VisibilityTest {
    @ParameterizedTest
    @CsvSource({"1, 0", "3, 0", "3, 2", "16, 4", "4, 9", "512, 4"})
    void aQuerySeesItsWindowBothEndsIncludedAndTheAnchors(int window, int anchors) {
        Visibility visibility = new Visibility(window, anchors);
        for (int query = 0; query < 3 * window + anchors + 2; query++) {
            int position = query;
            for (int key = 0; key <= position + 2; key++) {
                boolean seen = key <= position && (position - key <= window || key < anchors);
                assertThat(visibility.sees(position, key))
                        .as("key %d from query %d", key, position)
                        .isEqualTo(seen);
            }
            assertThat(visibility.keys(position))
                    .isEqualTo(IntStream.rangeClosed(0, position)
                            .filter(key -> visibility.sees(position, key))
                            .count());
        }
    }

    /** The cache, which stores only what can still be seen, keeps to the rule. */
    @ParameterizedTest
    @CsvSource({"3, 0, 1", "3, 2, 1", "16, 4, 5", "20, 17, 7"})
    void theCacheFindsTheKeysOfTheRule(int window, int anchors, int columns) {
        Visibility visibility = new Visibility(window, anchors);
        KeyValueCache cache =
                new KeyValueCache(SymbolicLightConfigTest.config(64, window, anchors), Integer.MAX_VALUE, columns);
        float[] vector = new float[8];
        int active = 0;
        for (int position = 0; position < 6 * (window + anchors); position++) {
            if (position % 3 == 1) {
                continue; // without spikes: it takes no memory and is never visible
            }
            cache.append(new ScalarKernels(), vector, 0, vector, 0, position);
            active++;
            int end = cache.length();
            assertThat(end).isEqualTo(active);
            int anchorEnd = Math.min(cache.anchorCount(), end);
            int start = Math.max(cache.windowStart(position), anchorEnd);
            int query = position;
            long expected = IntStream.rangeClosed(0, position)
                    .filter(key -> key % 3 != 1 && visibility.sees(query, key))
                    .count();
            assertThat(anchorEnd + end - start).as("position %d", position).isEqualTo((int) expected);
        }
    }
}

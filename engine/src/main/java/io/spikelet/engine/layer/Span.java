package io.spikelet.engine.layer;

import static io.spikelet.engine.kernel.AttentionKernels.KEYS;

import io.spikelet.engine.kernel.Kernels;
import java.util.Arrays;

/**
 * The panels that one query sees: those of the anchors, then those of the window, which may wrap once around the ring. In
 * the score array they stand one after the other, so that an entry's stripe is its ordinal modulo 16.
 */
final class Span {
    private final int anchorCount;
    private final int start; // first ordinal of the window
    private final int end; // ordinal after the query's own key
    private final int frontPanels; // panels 0 .. frontPanels - 1, which never move
    private final int firstPanel; // of the window, beyond the front
    private final int windowPanels;

    Span(KeyValueCache cache, int position, int end) {
        this.anchorCount = Math.min(cache.anchorCount(), end); // the pass may have stored later anchors
        this.start = cache.windowStart(position);
        this.end = end;
        int lastPanel = (end - 1) / KEYS;
        boolean windowInFront = start / KEYS < cache.anchorPanels();
        this.frontPanels =
                windowInFront ? Math.min(lastPanel + 1, cache.anchorPanels()) : (anchorCount + KEYS - 1) / KEYS;
        this.firstPanel = Math.max(start / KEYS, cache.anchorPanels());
        this.windowPanels = Math.max(0, lastPanel - firstPanel + 1);
    }

    /** Length of the score array. */
    int entries() {
        return (frontPanels + windowPanels) * KEYS;
    }

    /** Scaled dot products of one head; entries that the query does not see become -Infinity. */
    void score(
            Kernels kernels,
            KeyValueCache cache,
            int head,
            int headDim,
            float[] query,
            int at,
            float scale,
            float[] scores) {
        int size = headDim * KEYS;
        int base = head * cache.slots() * size;
        kernels.scores(query, at, headDim, cache.keys, base, frontPanels, scale, scores, 0);
        for (int done = 0; done < windowPanels; ) {
            int slot = cache.slot(firstPanel + done);
            int run = Math.min(windowPanels - done, cache.slots() - slot);
            int to = (frontPanels + done) * KEYS;
            kernels.scores(query, at, headDim, cache.keys, base + slot * size, run, scale, scores, to);
            done += run;
        }
        hide(scores, anchorCount, Math.min(start, frontPanels * KEYS));
        hide(scores, Math.max(anchorCount, end), frontPanels * KEYS);
        int shift = (frontPanels - firstPanel) * KEYS; // from ordinal to entry, in the window
        if (windowPanels > 0) {
            hide(scores, frontPanels * KEYS, start + shift);
            hide(scores, end + shift, entries());
        }
    }

    private static void hide(float[] scores, int from, int to) {
        if (from < to) {
            Arrays.fill(scores, from, to, Float.NEGATIVE_INFINITY);
        }
    }

    /** Adds the weighted values in order of their ordinals. */
    void addValues(Kernels kernels, KeyValueCache cache, int head, int headDim, float[] weights, float[] out, int at) {
        int base = head * cache.slots() * KEYS * headDim;
        int front = Math.min(frontPanels * KEYS, end);
        int anchorEnd = Math.min(anchorCount, front);
        add(kernels, cache, base, 0, 0, anchorEnd, headDim, weights, out, at);
        int from = Math.max(start, anchorEnd);
        if (from < front) {
            add(kernels, cache, base, from, from, front - from, headDim, weights, out, at);
        }
        for (int ordinal = Math.max(start, firstPanel * KEYS); windowPanels > 0 && ordinal < end; ) {
            int slot = cache.slot(ordinal / KEYS);
            int room = (cache.slots() - slot) * KEYS - ordinal % KEYS;
            int run = Math.min(end - ordinal, room);
            int entry = ordinal + (frontPanels - firstPanel) * KEYS;
            add(kernels, cache, base, entry, slot * KEYS + ordinal % KEYS, run, headDim, weights, out, at);
            ordinal += run;
        }
    }

    private static void add(
            Kernels kernels,
            KeyValueCache cache,
            int base,
            int entry,
            int row,
            int count,
            int headDim,
            float[] weights,
            float[] out,
            int at) {
        kernels.addWeighted(weights, entry, count, cache.values, base + row * headDim, headDim, out, at);
    }
}

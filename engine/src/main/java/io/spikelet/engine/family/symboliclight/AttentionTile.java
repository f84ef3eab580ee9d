package io.spikelet.engine.family.symboliclight;

import static io.spikelet.engine.kernel.AttentionKernels.KEYS;

import io.spikelet.engine.kernel.Kernels;
import java.util.Arrays;

/**
 * A few consecutive queries of one sequence and the panels that any of them sees: first those of the anchors, then those of
 * the window, which may wrap once around the ring. In a query's scores the panels are consecutive, so that an
 * entry's stripe is its ordinal modulo 16; entries that the query does not see have weight exactly 0.
 *
 * <p>Scratch of one decoder; not thread-safe.
 */
final class AttentionTile {
    /** Queries that share a load of keys and values. */
    static final int QUERIES = 4;

    private final int stride; // distance between the scores of two queries
    private final float[] scores; // (query, entry)
    private final FloatsRead read;
    private final int[] anchorEnds = new int[QUERIES]; // ordinals below are visible anchors
    private final int[] starts = new int[QUERIES]; // first visible ordinal that is not counted as an anchor
    private final int[] ends = new int[QUERIES]; // ordinal after the query's own key
    private final float[] inverses = new float[QUERIES]; // of the softmax sums
    private KeyValueCache cache;
    private int queries;
    private int frontPanels; // panels 0 .. frontPanels - 1, whose slots are fixed
    private int firstPanel; // of the window, after the front panels
    private int windowPanels;

    /**
     * Creates a tile for caches of at most {@code maxSlots} panels.
     *
     * @param read buffer for reading keys and values
     */
    AttentionTile(int maxSlots, FloatsRead read) {
        this.read = read;
        this.stride = (maxSlots + 1) * KEYS;
        this.scores = new float[QUERIES * stride];
    }

    /** Starts a tile of queries on a cache. */
    void begin(KeyValueCache cache) {
        this.cache = cache;
        this.queries = 0;
    }

    /** Adds a query at {@code position} whose own key has ordinal {@code end - 1}; call it with ascending positions. */
    void add(int position, int end) {
        int anchorEnd = Math.min(cache.anchorCount(), end); // the pass may have stored later anchors
        anchorEnds[queries] = anchorEnd;
        starts[queries] = Math.max(cache.windowStart(position), anchorEnd);
        ends[queries] = end;
        cache.saw(anchorEnd + end - starts[queries]);
        queries++;
    }

    /** Determines the panels to read; call it after the last {@link #add}. */
    void plan() {
        int lowest = starts[0];
        int lastPanel = (ends[queries - 1] - 1) / KEYS;
        boolean windowInFront = lowest / KEYS < cache.anchorPanels();
        frontPanels = windowInFront
                ? Math.min(lastPanel + 1, cache.anchorPanels())
                : (anchorEnds[queries - 1] + KEYS - 1) / KEYS;
        firstPanel = Math.max(lowest / KEYS, cache.anchorPanels());
        windowPanels = Math.max(0, lastPanel - firstPanel + 1);
    }

    /**
     * Computes attention for one head of every query: replaces {@code query[at + q * queryStride ..]} by the weighted
     * mean of the values.
     */
    void attend(Kernels kernels, int head, int headDim, float[] query, int at, int queryStride, float scale) {
        score(kernels, head, headDim, query, at, queryStride, scale);
        int entries = (frontPanels + windowPanels) * KEYS;
        for (int q = 0; q < queries; q++) {
            Arrays.fill(query, at + q * queryStride, at + q * queryStride + headDim, 0f);
        }
        for (int q = 0; q < queries; q++) {
            hide(q, entries);
            float max = kernels.max(scores, q * stride, entries);
            inverses[q] = 1f / kernels.softmaxSum(scores, q * stride, entries, max);
        }
        addValues(kernels, head, headDim, query, at, queryStride);
        for (int q = 0; q < queries; q++) {
            kernels.scale(query, at + q * queryStride, headDim, inverses[q]);
        }
    }

    private void score(Kernels kernels, int head, int headDim, float[] query, int at, int queryStride, float scale) {
        scorePanels(kernels, head, headDim, query, at, queryStride, scale, 0, frontPanels, 0);
        for (int done = 0; done < windowPanels; ) {
            int slot = cache.slot(firstPanel + done);
            int run = Math.min(windowPanels - done, cache.slots() - slot);
            int to = (frontPanels + done) * KEYS;
            scorePanels(kernels, head, headDim, query, at, queryStride, scale, slot, run, to);
            done += run;
        }
    }

    /** Scores the keys of consecutive slots. */
    private void scorePanels(
            Kernels kernels,
            int head,
            int headDim,
            float[] query,
            int at,
            int queryStride,
            float scale,
            int slot,
            int panels,
            int to) {
        if (queries == 1 && cache.store instanceof Int8Store codes) {
            codes.scores(kernels, head, slot, panels, query, at, scale, scores, to);
            return;
        }
        for (int done = 0; done < panels; done += read.panels()) {
            int some = Math.min(panels - done, read.panels());
            cache.store.keys(kernels, head, slot + done, some, read);
            int entry = to + done * KEYS;
            kernels.scores(
                    query,
                    at,
                    queryStride,
                    queries,
                    headDim,
                    read.floats,
                    read.from,
                    some,
                    scale,
                    scores,
                    entry,
                    stride);
        }
    }

    /** Sets the entries that query q does not see to -Infinity. */
    private void hide(int q, int entries) {
        int front = frontPanels * KEYS;
        hide(q, anchorEnds[q], Math.min(starts[q], front));
        hide(q, Math.max(anchorEnds[q], ends[q]), front);
        if (windowPanels > 0) {
            int shift = front - firstPanel * KEYS; // from ordinal to entry, in the window
            hide(q, front, starts[q] + shift);
            hide(q, Math.max(front, ends[q] + shift), entries);
        }
    }

    private void hide(int q, int from, int to) {
        if (from < to) {
            Arrays.fill(scores, q * stride + from, q * stride + to, Float.NEGATIVE_INFINITY);
        }
    }

    /**
     * Adds the values in order of their ordinals: keys visible to all queries for all at once, and the keys before and
     * after them that only some queries see, query by query.
     */
    private void addValues(Kernels kernels, int head, int headDim, float[] out, int at, int outStride) {
        int commonAnchors = anchorEnds[0];
        int commonStart = starts[queries - 1];
        int commonEnd = Math.max(commonStart, ends[0]);
        add(kernels, head, headDim, 0, queries, 0, commonAnchors, out, at, outStride);
        for (int q = 0; q < queries; q++) {
            add(kernels, head, headDim, q, 1, commonAnchors, anchorEnds[q], out, at, outStride);
            add(kernels, head, headDim, q, 1, starts[q], Math.min(ends[q], commonStart), out, at, outStride);
        }
        add(kernels, head, headDim, 0, queries, commonStart, ends[0], out, at, outStride);
        for (int q = 0; q < queries; q++) {
            add(kernels, head, headDim, q, 1, Math.max(starts[q], commonEnd), ends[q], out, at, outStride);
        }
    }

    /** Adds the values of ordinals [from, to) to queries {@code q .. q + count - 1}. */
    private void add(
            Kernels kernels,
            int head,
            int headDim,
            int q,
            int count,
            int from,
            int to,
            float[] out,
            int at,
            int outStride) {
        for (int ordinal = from; ordinal < to; ) {
            boolean inFront = ordinal < frontPanels * KEYS;
            int slot = cache.slot(ordinal / KEYS);
            int limit = inFront ? frontPanels * KEYS : ordinal - ordinal % KEYS + (cache.slots() - slot) * KEYS;
            int run = Math.min(to, limit) - ordinal;
            int entry = inFront ? ordinal : ordinal + (frontPanels - firstPanel) * KEYS;
            if (count == 1 && cache.store instanceof Int8Store codes) {
                int first = slot * KEYS + ordinal % KEYS;
                codes.addWeighted(kernels, head, first, run, scores, q * stride + entry, out, at + q * outStride);
                ordinal += run;
                continue;
            }
            run = Math.min(run, read.panels() * KEYS);
            cache.store.values(kernels, head, slot * KEYS + ordinal % KEYS, run, read);
            kernels.addWeighted(
                    scores,
                    q * stride + entry,
                    stride,
                    count,
                    run,
                    read.floats,
                    read.from,
                    headDim,
                    out,
                    at + q * outStride,
                    outStride);
            ordinal += run;
        }
    }
}

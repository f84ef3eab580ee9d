package io.spikelet.engine.decode;

import java.util.Arrays;

/**
 * Selected ids in the order of their logits, largest first; of equal logits the lower id comes first. The order is
 * found only as far as it is requested, so that drawing from 50,000 ids does not sort them. Not thread-safe; nothing
 * here allocates.
 */
final class RankedIds {
    private final float[] logits; // (id)
    private final int[] ids; // a heap of the ids not yet ranked, then the ranked ones from the end
    private int size;
    private int ranked;

    /** @param logits read whenever ids are selected or ranked; no NaN */
    RankedIds(float[] logits) {
        this.logits = logits;
        this.ids = new int[logits.length];
    }

    /** Selects every id. */
    void selectAll() {
        Arrays.setAll(ids, i -> i);
        order(ids.length);
    }

    /** Selects the first {@code count} ids; of equal logits at the cut the lower ids. */
    void selectFirst(int count) {
        scan(count);
        order(count);
    }

    /** Selects the first {@code count} ids and all others whose logit equals that of the last of them. */
    void selectFirstWithTies(int count) {
        scan(count);
        float smallest = logits[ids[0]];
        int selected = 0;
        for (int id = 0; id < logits.length; id++) {
            if (logits[id] >= smallest) {
                ids[selected++] = id;
            }
        }
        order(selected);
    }

    /** Number of selected ids. */
    int size() {
        return size;
    }

    /** Number of ids whose rank is known. */
    int ranked() {
        return ranked;
    }

    /** The selected ids in any order, {@code 0 <= i < size()}. */
    int selected(int i) {
        return ids[i];
    }

    /** The id of a rank, 0 being the largest. */
    int id(int rank) {
        while (ranked <= rank) {
            int last = size - 1 - ranked;
            int first = ids[0];
            ids[0] = ids[last];
            ids[last] = first;
            ranked++;
            sift(0, last, true);
        }
        return ids[size - 1 - rank];
    }

    /** Builds a heap of the first {@code count} ids, with the last of them at the root. */
    private void scan(int count) {
        for (int i = 0; i < count; i++) {
            ids[i] = i;
        }
        for (int i = count / 2 - 1; i >= 0; i--) {
            sift(i, count, false);
        }
        float smallest = logits[ids[0]];
        for (int id = count; id < logits.length; id++) {
            if (logits[id] > smallest) { // an equal logit has a higher id than all in the heap
                ids[0] = id;
                sift(0, count, false);
                smallest = logits[ids[0]];
            }
        }
    }

    private void order(int count) {
        size = count;
        ranked = 0;
        for (int i = count / 2 - 1; i >= 0; i--) {
            sift(i, count, true);
        }
    }

    /** Restores the heap {@code ids[0 .. end)} below {@code at}; the root is the first of the order, or the last. */
    private void sift(int at, int end, boolean firstAtRoot) {
        int id = ids[at];
        int hole = at;
        while (2 * hole + 1 < end) {
            int child = 2 * hole + 1;
            if (child + 1 < end && before(ids[child + 1], ids[child]) == firstAtRoot) {
                child++;
            }
            if (before(id, ids[child]) == firstAtRoot) {
                break;
            }
            ids[hole] = ids[child];
            hole = child;
        }
        ids[hole] = id;
    }

    private boolean before(int a, int b) {
        return logits[a] > logits[b] || (logits[a] == logits[b] && a < b);
    }
}

package io.spikelet.engine.family.symboliclight;

import java.util.Arrays;

/** The largest values of a position, without memory of the positions before. For ablations, so it may allocate. */
final class TopKMask {
    private TopKMask() {}

    /**
     * Writes the places of the {@code k} largest of {@code values[at .. at + width)} to {@code indices[to ..]}, ascending; of
     * equal values the lower place comes first.
     */
    static void select(float[] values, int at, int width, int k, int[] indices, int to) {
        if (k == 0) {
            return;
        }
        float[] sorted = Arrays.copyOfRange(values, at, at + width);
        Arrays.sort(sorted);
        float least = sorted[width - k];
        int above = 0;
        for (int i = width - 1; i >= 0 && sorted[i] > least; i--) {
            above++;
        }
        int equal = k - above; // of those that are least
        int next = to;
        for (int i = 0; i < width; i++) {
            float value = values[at + i];
            if (value > least || (value == least && equal-- > 0)) {
                indices[next++] = i;
            }
        }
    }
}

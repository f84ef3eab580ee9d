package io.spikelet.engine.family.symboliclight;

import java.util.Arrays;

/**
 * Selects the largest values of a position, independent of earlier positions. Only ablations use it, so it may
 * allocate.
 */
final class TopKMask {
    private TopKMask() {}

    /**
     * Writes the indices of the {@code k} largest of {@code values[at .. at + width)} to {@code indices[to ..]}, in
     * ascending order; of equal values those with the lower indices are selected.
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
        int equal = k - above; // how many values equal to the least are selected
        int next = to;
        for (int i = 0; i < width; i++) {
            float value = values[at + i];
            if (value > least || (value == least && equal-- > 0)) {
                indices[next++] = i;
            }
        }
    }
}

package io.spikelet.job.task;

import io.spikelet.engine.decode.TopTokens;
import java.util.Arrays;

/** Arrays of the engine as array columns; Spark needs objects where there may be nulls. */
final class NestedArrays {
    private NestedArrays() {}

    /** The ids of each position, behind some nulls. */
    static int[][] ids(TopTokens top, int nulls) {
        int positions = top.ids().length / Math.max(1, top.count());
        int[][] rows = new int[nulls + positions][];
        for (int i = 0; i < positions; i++) {
            rows[nulls + i] = Arrays.copyOfRange(top.ids(), i * top.count(), (i + 1) * top.count());
        }
        return rows;
    }

    /** The log-probabilities of each position, behind some nulls. */
    static float[][] logprobs(TopTokens top, int nulls) {
        int positions = top.ids().length / Math.max(1, top.count());
        float[][] rows = new float[nulls + positions][];
        for (int i = 0; i < positions; i++) {
            rows[nulls + i] = Arrays.copyOfRange(top.logprobs(), i * top.count(), (i + 1) * top.count());
        }
        return rows;
    }

    /** The values behind a null. */
    static Float[] afterNull(float[] values) {
        Float[] out = new Float[1 + values.length];
        for (int i = 0; i < values.length; i++) {
            out[1 + i] = values[i];
        }
        return out;
    }
}

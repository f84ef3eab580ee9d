package io.spikelet.job.action;

import io.spikelet.job.plan.SlicePlan.Slice;
import java.util.Queue;

/**
 * How many slices of the plan are committed together. A commit and the start of its tasks have a fixed price, tens of
 * milliseconds a task, which short slices would pay again and again; so neighbours are joined until they take
 * {@link #SECONDS}, as the ones before them did. Not thread-safe.
 */
final class SlicePace {
    /** What a crash may cost of slices that are joined; one that takes longer stays as planned. */
    static final double SECONDS = 30;

    /** A slice may be quick by chance, so the next is at most so many times its size. */
    static final int MOST_GROWTH = 4;

    private final boolean joins;
    private long mostTokens; // of the next slice; 0 as long as nothing was measured

    /** @param joins false if slices stay as planned */
    SlicePace(boolean joins) {
        this.joins = joins;
    }

    /** Takes the next slice, joined as it may be. */
    Slice next(Queue<Slice> planned) {
        Slice slice = planned.remove();
        while (joins && !planned.isEmpty() && tokens(slice) + tokens(planned.element()) <= mostTokens) {
            slice = slice.and(planned.remove());
        }
        return slice;
    }

    /** Learns from a slice that is done. */
    void took(Slice slice, double seconds) {
        mostTokens = (long) (tokens(slice) * Math.min(SECONDS / seconds, MOST_GROWTH));
    }

    private static long tokens(Slice slice) {
        return Math.max(
                1,
                slice.predictedTokens().values().stream()
                        .mapToLong(Long::longValue)
                        .sum());
    }
}

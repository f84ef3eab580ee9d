package io.spikelet.engine.decode;

import java.util.Arrays;
import java.util.BitSet;

/**
 * The positions in the prompt of one row at which passes stop so that other rows can copy its state, and the row that
 * it waits for itself. Not thread-safe.
 */
final class PromptStops {
    private final int[] prompt;
    private final BitSet stops = new BitSet(); // prompt positions at which passes must end
    private RunningSequence source; // the row that this one waits for, or null
    private int sourcePosition; // where its state will be copied

    PromptStops(int[] prompt) {
        this.prompt = prompt;
    }

    /** The first stop after {@code fed} positions, or -1. */
    int after(int fed) {
        return stops.nextSetBit(fed + 1);
    }

    /** Whether the passes stop at a position. */
    boolean at(int position) {
        return stops.get(position);
    }

    /** Makes passes stop at a position. */
    void add(int position) {
        stops.set(position);
    }

    /** Makes passes stop at a position, or uses an existing stop shortly before it; returns the position of the stop. */
    int addNear(int position, int fed) {
        int before = stops.previousSetBit(position);
        if (before > Math.max(Math.max(fed, sourcePosition), position - PrefixSharing.LEAST_POSITIONS)) {
            return before;
        }
        stops.set(position);
        return position;
    }

    /**
     * Leading ids that another prompt shares with the part of this one that is still to be decoded; 0 if it differs
     * earlier.
     */
    int shared(int[] other, int fed) {
        int mismatch = Arrays.mismatch(prompt, other);
        int shared = mismatch < 0 ? other.length : Math.min(mismatch, other.length - 1);
        return shared > Math.max(fed, sourcePosition) ? shared : 0;
    }

    /** Makes this row wait until {@code row} has decoded {@code position} positions, for a copy of its state. */
    void follow(RunningSequence row, int position) {
        source = row;
        sourcePosition = position;
    }

    /** Whether this row waits for another. */
    boolean follows() {
        return source != null;
    }

    /** Whether this row waits for the position that {@code row} has reached. */
    boolean follows(RunningSequence row) {
        return source == row && sourcePosition == row.fed();
    }

    /** Stops waiting for {@code row}. */
    void unfollow(RunningSequence row) {
        if (source == row) {
            stopFollowing();
        }
    }

    void stopFollowing() {
        source = null;
        sourcePosition = 0;
    }
}

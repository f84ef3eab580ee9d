package io.spikelet.engine.family.symboliclight;

/**
 * Which keys a query sees: those at distance 0 to {@code window}, both included, and the first {@code anchors} positions
 * from everywhere; of either only positions with spikes, itself included.
 *
 * @param window greatest distance
 * @param anchors positions below are visible from everywhere
 */
record Visibility(int window, int anchors) {
    /** Whether a query at {@code position} sees the key of an active position. */
    boolean sees(int position, int key) {
        return key <= position && (key >= oldest(position) || isAnchor(key));
    }

    /** The first position of the query's window; below 0 while the window reaches past the start. */
    int oldest(int position) {
        return position - window;
    }

    boolean isAnchor(int key) {
        return key < anchors;
    }

    /** Keys that a query sees if every position is active, itself included. */
    long keys(int position) {
        long beyond = Math.max(0, oldest(position));
        return position + 1 - beyond + Math.min(anchors, beyond);
    }
}

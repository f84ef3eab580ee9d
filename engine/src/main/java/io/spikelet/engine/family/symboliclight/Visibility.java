package io.spikelet.engine.family.symboliclight;

/**
 * Which keys a query sees: those at distances 0 to {@code window}, inclusive, and at any distance those of the first
 * {@code anchors} positions. Only positions with spikes have keys; a query sees its own key. Source: section 3.3 of the
 * specification.
 *
 * @param window maximum distance
 * @param anchors positions below this are visible at any distance
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

    /** Number of keys that a query sees if every position is active, its own included. */
    long keys(int position) {
        long beyond = Math.max(0, oldest(position));
        return position + 1 - beyond + Math.min(anchors, beyond);
    }
}

package io.spikelet.job.task;

/**
 * The time limit for processing a row's text before it reaches the engine.
 *
 * @param limitSeconds infinite for no limit
 */
record Deadline(long startNanos, double limitSeconds) {
    static final Deadline NONE = new Deadline(0, Double.POSITIVE_INFINITY);

    private static final double NANOS_PER_SECOND = 1e9;

    /** So many seconds from now. */
    static Deadline in(double seconds) {
        return new Deadline(System.nanoTime(), seconds);
    }

    /** @throws DeadlineException if it is over; the message has no time in it, so that it is reproducible */
    void check() {
        if ((System.nanoTime() - startNanos) / NANOS_PER_SECOND > limitSeconds) {
            throw new DeadlineException("the filters of the task were not through with the item within " + limitSeconds
                    + " s: allow more time, or fewer filters");
        }
    }
}

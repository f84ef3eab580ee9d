package io.spikelet.job.executor;

/**
 * The work of all tasks of this JVM so far, including lost attempts: for monitoring, not for results. Thread-safe.
 */
public final class ExecutorMetrics {
    private static final ExecutorMetrics OF_THIS_JVM = new ExecutorMetrics();

    private MeterReading now = MeterReading.ZERO;

    ExecutorMetrics() {}

    /** The meter that all tasks of this JVM share. */
    public static ExecutorMetrics ofThisJvm() {
        return OF_THIS_JVM;
    }

    /**
     * Counts a row that ended.
     *
     * @param tokens that the engine processed
     * @param reusedTokens that it took over from other rows instead
     * @param failed whether it ended as an error
     */
    public void addRow(long tokens, long reusedTokens, boolean failed, double encoderFiringRate, double ffnFiringRate) {
        boolean isMeasured = !failed && !Double.isNaN(encoderFiringRate);
        add(new MeterReading(
                1,
                failed ? 1 : 0,
                tokens,
                reusedTokens,
                isMeasured ? tokens : 0,
                isMeasured ? encoderFiringRate * tokens : 0,
                isMeasured ? ffnFiringRate * tokens : 0,
                0,
                0,
                0,
                0));
    }

    /** Counts a lease of a model that was open already. */
    void addHit() {
        add(new MeterReading(0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0));
    }

    /** Counts a model that was opened, and downloaded before if need be. */
    void addLoad(boolean downloaded, double millis) {
        add(new MeterReading(0, 0, 0, 0, 0, 0, 0, 0, 1, downloaded ? 1 : 0, millis));
    }

    /** Everything up to now. */
    synchronized MeterReading reading() {
        return now;
    }

    private synchronized void add(MeterReading more) {
        now = now.plus(more);
    }
}

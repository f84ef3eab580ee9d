package io.spikelet.job.executor;

import java.util.Map;

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
    public synchronized void addRow(
            long tokens, long reusedTokens, boolean failed, double encoderFiringRate, double ffnFiringRate) {
        add(Map.of("rows", 1.0, "failedRows", failed ? 1.0 : 0.0));
        add(Map.of("tokens", (double) tokens, "reusedTokens", (double) reusedTokens));
        if (!failed && !Double.isNaN(encoderFiringRate)) {
            add(Map.of(MeterReading.MEASURED_TOKENS, (double) tokens));
            add(Map.of("encoderFiringRate", encoderFiringRate * tokens, "ffnFiringRate", ffnFiringRate * tokens));
        }
    }

    /** Counts a lease of a model that was open already. */
    void addHit() {
        add(Map.of("modelHits", 1.0));
    }

    /** Counts a model that was opened, and downloaded before if need be. */
    void addLoad(boolean downloaded, double millis) {
        add(Map.of("modelLoads", 1.0, "modelDownloads", downloaded ? 1.0 : 0.0, "modelLoadMillis", millis));
    }

    /** Everything up to now. */
    synchronized MeterReading reading() {
        return now;
    }

    private synchronized void add(Map<String, Double> more) {
        now = now.plus(new MeterReading(more));
    }
}

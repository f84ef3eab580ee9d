package io.spikelet.job.action;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.spark.sql.SparkSession;

/**
 * Lets a run that is interrupted (Ctrl-C, SIGTERM) end like one that fails: its jobs are cancelled, and the JVM waits a
 * little for the thread that works to clean up and to say how to go on.
 */
final class Interruption implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 10;

    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread hook;
    private volatile boolean happened;

    /** @param jobGroup whose jobs are cancelled */
    Interruption(SparkSession spark, String jobGroup) {
        hook = new Thread(() -> cancelAndWait(spark, jobGroup), "interrupted");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    boolean happened() {
        return happened;
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) { // the JVM is ending, and the hook waits for this
            ended.countDown();
        }
    }

    private void cancelAndWait(SparkSession spark, String jobGroup) {
        happened = true;
        try {
            spark.sparkContext().cancelJobGroup(jobGroup);
            ended.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (IllegalStateException e) {
            // Spark has stopped already, which ends its jobs as well.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

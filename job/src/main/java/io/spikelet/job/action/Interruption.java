package io.spikelet.job.action;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.hadoop.util.ShutdownHookManager;
import org.apache.spark.sql.SparkSession;

/**
 * Lets a run that is interrupted (Ctrl-C, SIGTERM) end like one that fails: before anything of Spark is shut down its jobs
 * are cancelled, without a word in the log, and the JVM waits a little for the thread that works to clean up and to say how
 * to go on. That thread closes this as the last thing it does.
 */
final class Interruption implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 20;

    /** Above those of Spark (up to 50), so that they come after; Hadoop runs the highest first. */
    private static final int PRIORITY = 100;

    private final CountDownLatch ended = new CountDownLatch(1);
    private final Runnable hook;
    private volatile boolean happened;
    private boolean isReported;

    /** @param jobGroup whose jobs are cancelled */
    Interruption(SparkSession spark, String jobGroup) {
        hook = () -> cancelAndWait(spark, jobGroup);
        // Hadoop's allowance is longer than ours, so that it never cuts us off.
        ShutdownHookManager.get().addShutdownHook(hook, PRIORITY, 2 * PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    boolean happened() {
        return happened;
    }

    /** Says that the user knows: nothing more is to be said of the failure that follows. */
    void reported() {
        isReported = true;
    }

    /** Lets the JVM end; returns only if there is something left to say. */
    @Override
    public void close() {
        try {
            ShutdownHookManager.get().removeShutdownHook(hook);
        } catch (IllegalStateException e) { // the JVM is ending, and the hook waits for this
            ended.countDown();
        }
        while (isReported) {
            LockSupport.park(this);
        }
    }

    private void cancelAndWait(SparkSession spark, String jobGroup) {
        happened = true;
        try {
            spark.sparkContext().setLogLevel("OFF");
            spark.sparkContext().cancelJobGroupAndFutureJobs(jobGroup);
            ended.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (IllegalStateException e) {
            // Spark has stopped already, which ends its jobs as well.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

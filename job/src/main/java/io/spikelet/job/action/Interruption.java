package io.spikelet.job.action;

import io.spikelet.job.RunFailedException;
import io.spikelet.job.RunStoppedException;
import io.spikelet.job.task.RunControl;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.hadoop.service.launcher.IrqHandler;
import org.apache.hadoop.util.ShutdownHookManager;
import org.apache.spark.sql.SparkSession;

/**
 * The effect of Ctrl-C and SIGTERM on a run. The first signal requests a stop: tasks finish the rows in progress and
 * commit, within the time that {@value RunControl#STOP_TIMEOUT} allows, or, if no rows are being processed, Spark's jobs are
 * cancelled, also those to come. The second signal, or another shutdown of the JVM, ends the run immediately: jobs are
 * cancelled without a message in the log, and the JVM waits a little for the thread that works to clean up and to say how
 * to continue. That thread closes this last.
 */
final class Interruption implements AutoCloseable {
    private static final String DEFAULT_STOP_TIMEOUT = "60s";
    private static final AtomicReference<Interruption> CURRENT = new AtomicReference<>();
    private static final long PATIENCE_SECONDS = 20;
    private static final int SIGNAL_STATUS = 128; // shells report a signal as this plus its number

    /** Above those of Spark (up to 50), so that they come after; Hadoop runs the highest first. */
    private static final int PRIORITY = 100;

    private final SparkSession spark;
    private final RunArguments arguments;
    private final CountDownLatch worked = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Runnable hook = this::cancelAndWait;
    private volatile String jobGroup; // null before the run starts
    private volatile RunControl control; // of the rows in progress, or null
    private volatile boolean isAsked;
    private volatile boolean isForced;
    private boolean isReported;

    static {
        for (String signal : new String[] {IrqHandler.CONTROL_C, IrqHandler.SIGTERM}) {
            try {
                new IrqHandler(signal, data -> Thread.ofPlatform().start(() -> take(data.getNumber()))).bind();
            } catch (IllegalArgumentException e) {
                // The JVM leaves this signal to others.
            }
        }
    }

    Interruption(SparkSession spark, RunArguments arguments) {
        this.spark = spark;
        this.arguments = arguments;
        // Hadoop's timeout is longer than ours, so that it does not interrupt the hook.
        ShutdownHookManager.get().addShutdownHook(hook, PRIORITY, 2 * PATIENCE_SECONDS, TimeUnit.SECONDS);
        CURRENT.set(this);
    }

    /** The run begins. */
    void watch(String group) {
        jobGroup = group;
    }

    /** From now on rows are being processed. */
    void begin(RunControl tasks) {
        control = tasks;
        if (isAsked) {
            tasks.stop();
        }
    }

    /** From now on none are. */
    void end() {
        control = null;
        worked.countDown();
    }

    boolean isAskedToStop() {
        return isAsked;
    }

    /** What a failure is, if there was an interruption. */
    RuntimeException explain(RuntimeException failure, String kept) {
        if (isForced) {
            arguments.say("interrupted" + kept);
            isReported = true;
        } else if (isAsked) {
            return new RunStoppedException("stopped as asked" + kept, failure);
        }
        return failure instanceof RunFailedException
                ? new RunFailedException(failure.getMessage() + kept, failure)
                : failure;
    }

    private static void take(int signal) {
        Interruption current = CURRENT.get();
        if (current == null || !current.ask()) {
            System.exit(SIGNAL_STATUS + signal);
        }
        current.cancelLater();
    }

    /** False if that was done before, or nothing has started. */
    synchronized boolean ask() {
        if (isAsked || jobGroup == null) {
            return false;
        }
        isAsked = true;
        RunControl tasks = control;
        if (tasks == null) {
            cancel();
        } else {
            arguments.say("stopping after the rows in progress, within " + stopSeconds()
                    + " s; interrupt again to end immediately");
            tasks.stop();
        }
        return true;
    }

    /** A row may take longer than a stop may take; committed rows are kept. */
    private void cancelLater() {
        try {
            if (control != null && !worked.await(stopSeconds(), TimeUnit.SECONDS)) {
                arguments.say("the rows in progress take too long and are abandoned");
                cancel();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Also jobs that have not started: between two of Spark's jobs there is nothing else to cancel. */
    private void cancel() {
        spark.sparkContext().cancelJobGroupAndFutureJobs(jobGroup);
    }

    private long stopSeconds() {
        return spark.sparkContext().getConf().getTimeAsSeconds(RunControl.STOP_TIMEOUT, DEFAULT_STOP_TIMEOUT);
    }

    /** Lets the JVM end; returns only if there is something left to say. */
    @Override
    public void close() {
        CURRENT.compareAndSet(this, null);
        try {
            ShutdownHookManager.get().removeShutdownHook(hook);
        } catch (IllegalStateException e) { // the JVM is ending, and the hook waits for this
            ended.countDown();
        }
        while (isReported) {
            LockSupport.park(this);
        }
    }

    private void cancelAndWait() {
        isForced = true;
        try {
            spark.sparkContext().setLogLevel("OFF");
            if (jobGroup != null) {
                cancel();
            }
            if (ended.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                muteStandardError();
            }
        } catch (IllegalStateException e) {
            // Spark has stopped already, which ends its jobs as well.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * What Spark's thread pools reject while they shut down is not logged: Scala prints it to {@link System#err}, below the
     * last message of the run. The messages of commands go to the stream itself and are not affected.
     */
    private static void muteStandardError() {
        System.setErr(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
    }
}

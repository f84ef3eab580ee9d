package io.spikelet.job.task;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.spark.ExecutorLostFailure;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.apache.spark.scheduler.TaskInfo;

/**
 * On the driver: records for later attempts at a task how the earlier ones ended, which a task cannot find out itself. An
 * executor that was removed, because it was idle or its machine is gone, says nothing about the rows in it.
 */
public final class TaskEnds extends SparkListener implements AutoCloseable {
    private static final long PATIENCE_MILLIS = TimeUnit.SECONDS.toMillis(10);

    private final SparkContext spark;
    private final RunControl control;

    public TaskEnds(SparkContext spark, RunControl control) {
        this.spark = spark;
        this.control = control;
        spark.addSparkListener(this);
    }

    @Override
    public void onTaskStart(SparkListenerTaskStart start) {
        if (start.taskInfo().speculative()) {
            control.copies(attempt(start.stageId(), start.stageAttemptId(), start.taskInfo()));
        }
    }

    @Override
    public void onTaskEnd(SparkListenerTaskEnd end) {
        if (!end.taskInfo().successful()) {
            control.ended(
                    attempt(end.stageId(), end.stageAttemptId(), end.taskInfo()),
                    end.reason() instanceof ExecutorLostFailure lost && lost.exitCausedByApp());
        }
    }

    private static RunControl.Attempt attempt(int stage, int stageAttempt, TaskInfo task) {
        return new RunControl.Attempt(stage, stageAttempt, task.partitionId(), task.attemptNumber());
    }

    /** Waits for what has happened already. */
    @Override
    public void close() {
        try {
            spark.listenerBus().waitUntilEmpty(PATIENCE_MILLIS);
        } catch (TimeoutException e) {
            // What comes later is not noted; the row is found again.
        } finally {
            spark.removeSparkListener(this);
        }
    }
}

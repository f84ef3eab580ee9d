package io.spikelet.job.action;

import io.spikelet.job.task.RowCounter;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.AccumulableInfo;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorMetricsUpdate;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import scala.collection.Iterator;

/**
 * Reports the progress of a run from time to time: rows done of all rows, errors, tokens per second, time left. Running
 * tasks report with the executors' heartbeats, finished ones at once. An estimate: a task that is retried counts twice.
 */
final class ProgressLine extends SparkListener implements AutoCloseable {
    private static final Duration LIVE_INTERVAL = Duration.ofSeconds(1);
    private static final Duration LOG_INTERVAL = Duration.ofSeconds(10);
    private static final double NANOS_PER_SECOND = 1e9;

    /** Before that the JVM still compiles, and what is left would be said to take several times as long as it does. */
    private static final double WARM_SECONDS = 15;

    private final SparkContext spark;
    private final RowCounter counter;
    private final String command;
    private final long rows;
    private final Progress out;
    private final long startNanos = System.nanoTime();
    private final Map<Long, Count> running = new HashMap<>();
    private Count done = Count.ZERO;
    private long lastNanos = startNanos;

    ProgressLine(SparkContext spark, RowCounter counter, String command, long rows, Progress out) {
        this.spark = spark;
        this.counter = counter;
        this.command = command;
        this.rows = rows;
        this.out = out;
        spark.addSparkListener(this);
    }

    @Override
    public void onTaskEnd(SparkListenerTaskEnd end) {
        running.remove(end.taskInfo().taskId());
        if (end.taskInfo().successful()) { // the work of the others is repeated
            done = done.plus(count(end.taskInfo().accumulables().iterator()));
        }
        report();
    }

    @Override
    public void onExecutorMetricsUpdate(SparkListenerExecutorMetricsUpdate update) {
        update.accumUpdates().foreach(task -> {
            running.put((Long) task._1(), count(task._4().iterator()));
            return null;
        });
        report();
    }

    @Override
    public void close() {
        spark.removeSparkListener(this);
        out.live("");
    }

    private Count count(Iterator<AccumulableInfo> updates) {
        Count count = Count.ZERO;
        while (updates.hasNext()) {
            AccumulableInfo info = updates.next();
            if (info.update().isDefined() && info.update().get() instanceof Long value) {
                count = count.plus(new Count(
                        info.id() == counter.rows().id() ? value : 0,
                        info.id() == counter.failed().id() ? value : 0,
                        info.id() == counter.tokens().id() ? value : 0));
            }
        }
        return count;
    }

    private void report() {
        long now = System.nanoTime();
        if (now - lastNanos < (out.isLive() ? LIVE_INTERVAL : LOG_INTERVAL).toNanos()) {
            return;
        }
        Count all = running.values().stream().reduce(done, Count::plus);
        if (all.rows == 0) {
            return;
        }
        lastNanos = now;
        String line = line(command, all, rows, (now - startNanos) / NANOS_PER_SECOND);
        if (out.isLive()) {
            out.live(line);
        } else {
            out.accept(line);
        }
    }

    /** What is said after so many seconds. */
    static String line(String command, Count all, long rows, double seconds) {
        long left = Math.max(0, rows - all.rows);
        String done = String.format(
                Locale.ROOT,
                "%s: %,d of %,d rows, %,d failed, %.1f tokens/s",
                command,
                Math.min(all.rows, rows),
                rows,
                all.failed,
                all.tokens / seconds);
        return seconds < WARM_SECONDS
                ? done
                : done + ", " + duration((long) Math.ceil(left * seconds / all.rows)) + " left";
    }

    static String duration(long seconds) {
        Duration time = Duration.ofSeconds(seconds);
        return time.toHours() > 0
                ? String.format(Locale.ROOT, "%d h %02d min", time.toHours(), time.toMinutesPart())
                : time.toMinutes() > 0
                        ? String.format(Locale.ROOT, "%d min %02d s", time.toMinutes(), time.toSecondsPart())
                        : seconds + " s";
    }

    /** Rows that ended, those of them that failed, and their tokens. */
    record Count(long rows, long failed, long tokens) {
        static final Count ZERO = new Count(0, 0, 0);

        Count plus(Count other) {
            return new Count(rows + other.rows, failed + other.failed, tokens + other.tokens);
        }
    }
}

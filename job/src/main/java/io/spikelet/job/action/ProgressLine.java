package io.spikelet.job.action;

import io.spikelet.job.task.RowCounter;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.AccumulableInfo;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorMetricsUpdate;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import scala.collection.Iterator;

/**
 * Says now and then how far a run has come: rows done of all rows, tokens per second. Running tasks report with the
 * executors' heartbeats, finished ones at once. An estimate: a task that is retried counts twice.
 */
final class ProgressLine extends SparkListener implements AutoCloseable {
    private static final Duration INTERVAL = Duration.ofSeconds(10);

    private final SparkContext spark;
    private final RowCounter counter;
    private final String command;
    private final long rows;
    private final Consumer<String> out;
    private final long startNanos = System.nanoTime();
    private final Map<Long, Count> running = new HashMap<>();
    private Count done = new Count(0, 0);
    private long lastNanos = startNanos;

    ProgressLine(SparkContext spark, RowCounter counter, String command, long rows, Consumer<String> out) {
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
        done = done.plus(count(end.taskInfo().accumulables().iterator()));
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
    }

    private Count count(Iterator<AccumulableInfo> updates) {
        long countedRows = 0;
        long countedTokens = 0;
        while (updates.hasNext()) {
            AccumulableInfo info = updates.next();
            if (info.update().isDefined() && info.update().get() instanceof Long value) {
                countedRows += info.id() == counter.rows().id() ? value : 0;
                countedTokens += info.id() == counter.tokens().id() ? value : 0;
            }
        }
        return new Count(countedRows, countedTokens);
    }

    private void report() {
        long now = System.nanoTime();
        if (now - lastNanos < INTERVAL.toNanos()) {
            return;
        }
        Count all = running.values().stream().reduce(done, Count::plus);
        if (all.rows == 0) {
            return;
        }
        lastNanos = now;
        out.accept(String.format(
                Locale.ROOT,
                "%s: %,d of %,d rows, %.1f tokens/s",
                command,
                all.rows,
                rows,
                all.tokens * 1e9 / (now - startNanos)));
    }

    private record Count(long rows, long tokens) {
        Count plus(Count other) {
            return new Count(rows + other.rows, tokens + other.tokens);
        }
    }
}

package io.spikelet.job.task;

import io.spikelet.engine.telemetry.KernelChoice;
import io.spikelet.job.executor.ExecutorMetrics;
import io.spikelet.job.plan.ShardCommit;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.TaskContext;

/**
 * The work of a task so far. The writer of its rows finds it through the running task. Not thread-safe; one per task.
 */
final class TaskMeter {
    private static final Map<Long, TaskMeter> RUNNING = new ConcurrentHashMap<>();
    private static final double NANOS_PER_SECOND = 1e9;
    private static final double MILLIS_PER_SECOND = 1e3;

    private final RowCounter counter;
    private final boolean isShort;
    private final long startedAtMillis = System.currentTimeMillis();
    private final long start = System.nanoTime();
    private long rows;
    private long tokens;
    private long prompts;
    private long promptTokens;
    private long longestPrompt;
    private long decodedTokens;
    private double decodeMillis;
    private long predictedTokens;
    private long engineNanos;

    TaskMeter(RowCounter counter, boolean isShort) {
        this.counter = counter;
        this.isShort = isShort;
    }

    /** The meter of a task that begins. */
    static TaskMeter begin(RowCounter counter, boolean isShort, TaskContext task) {
        TaskMeter meter = new TaskMeter(counter, isShort);
        long attempt = task.taskAttemptId();
        RUNNING.put(attempt, meter);
        TaskModel.closeAfter(task, () -> RUNNING.remove(attempt, meter));
        return meter;
    }

    /** The meter of a task that runs. */
    static TaskMeter of(TaskContext task) {
        TaskMeter meter = RUNNING.get(task.taskAttemptId());
        if (meter == null) {
            throw new IllegalStateException("the rows of a shard come from no task of a model");
        }
        return meter;
    }

    void add(RowMeasures done) {
        rows++;
        tokens += done.tokens();
        if (!done.failed()) {
            prompts += done.promptTokens() > 0 ? 1 : 0;
            promptTokens += done.promptTokens();
            longestPrompt = Math.max(longestPrompt, done.promptTokens());
            // The first token of a completion is a result of its prompt.
            decodedTokens += Math.max(0, done.tokens() - done.promptTokens() - 1);
            decodeMillis += done.decodeMillis();
        }
        counter.rows().add(1L);
        counter.tokens().add(done.tokens());
        if (done.failed()) {
            counter.failed().add(1L);
        }
        ExecutorMetrics.ofThisJvm()
                .addRow(
                        done.tokens(),
                        done.reusedTokens(),
                        done.failed(),
                        done.encoderFiringRate(),
                        done.ffnFiringRate());
    }

    void addEngineTime(long nanos) {
        engineNanos += nanos;
    }

    void addPredicted(long cost) {
        predictedTokens += cost;
    }

    /** Texts that were read without an error: prompts, whatever their number of samples, documents or items. */
    long prompts() {
        return prompts;
    }

    /** Tokens of these texts. */
    long promptTokens() {
        return promptTokens;
    }

    /** The most of them in one text. */
    long longestPrompt() {
        return longestPrompt;
    }

    /** Tokens of these texts in a second of everything but decoding; 0 if there were none. */
    double promptRate() {
        double seconds = engineNanos / NANOS_PER_SECOND - decodeMillis / MILLIS_PER_SECOND;
        return promptTokens == 0 || seconds <= 0 ? 0 : promptTokens / seconds;
    }

    /** Tokens of completions in a second of decoding; 0 if there were none. */
    double decodeRate() {
        return decodeMillis == 0 ? 0 : decodedTokens * MILLIS_PER_SECOND / decodeMillis;
    }

    /** The metrics that the task commits. */
    ShardCommit commit(String file, int attempt, TaskContext task) {
        return ThisJvm.commit(
                file,
                attempt,
                task.partitionId(),
                new Work(
                        startedAtMillis,
                        rows,
                        predictedTokens,
                        tokens,
                        (System.nanoTime() - start) / NANOS_PER_SECOND,
                        engineNanos / NANOS_PER_SECOND,
                        KernelChoice.explanation(isShort)));
    }

    /** Numbers of a task. */
    record Work(
            long startedAtMillis,
            long rows,
            long predictedTokens,
            long tokens,
            double seconds,
            double engineSeconds,
            String kernels) {}
}

package io.spikelet.job.task;

import io.spikelet.job.executor.ExecutorMetrics;
import io.spikelet.job.plan.TaskReport;
import java.io.Serializable;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.SparkContext;
import org.apache.spark.TaskContext;
import org.apache.spark.util.CollectionAccumulator;
import org.apache.spark.util.LongAccumulator;

/**
 * Counts rows and tokens for the progress line and the balance of the partitions alone: a retried task counts twice, so
 * totals come from the tables instead.
 *
 * @param rows rows that are done
 * @param failed those of them that are errors
 * @param tokens tokens that the engine processed for them
 * @param engineNanos time in tokenizer and engine
 * @param tasks reports of tasks that ended
 */
public record RowCounter(
        LongAccumulator rows,
        LongAccumulator failed,
        LongAccumulator tokens,
        LongAccumulator engineNanos,
        CollectionAccumulator<TaskReport> tasks)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    private static final double NANOS_PER_SECOND = 1e9;

    /** New counters, at zero, of an application. */
    public static RowCounter of(SparkContext spark) {
        return new RowCounter(
                spark.longAccumulator("spikelet.rows"),
                spark.longAccumulator("spikelet.failedRows"),
                spark.longAccumulator("spikelet.tokens"),
                spark.longAccumulator("spikelet.engineNanos"),
                spark.collectionAccumulator("spikelet.tasks"));
    }

    /** The reports since the last call, one for each partition. */
    public List<TaskReport> takeReports() {
        SortedMap<Integer, TaskReport> byPartition = new TreeMap<>();
        List<TaskReport> reports = List.copyOf(tasks.value());
        tasks.reset();
        reports.stream()
                .sorted(Comparator.comparingDouble(TaskReport::seconds))
                .forEach(report -> byPartition.put(report.partition(), report));
        return List.copyOf(byPartition.values());
    }

    void add(RowMeasures done) {
        rows.add(1L);
        tokens.add(done.tokens());
        if (done.failed()) {
            failed.add(1L);
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
        engineNanos.add(nanos);
    }

    /** Reports on the running task when it ends. */
    void reportAfter(TaskContext task) {
        long startedAtMillis = System.currentTimeMillis();
        long start = System.nanoTime();
        long rowsBefore = rows.sum();
        long tokensBefore = tokens.sum();
        long engineBefore = engineNanos.sum();
        TaskModel.closeAfter(
                task,
                () -> tasks.add(ThisJvm.report(
                        task,
                        startedAtMillis,
                        rows.sum() - rowsBefore,
                        tokens.sum() - tokensBefore,
                        (System.nanoTime() - start) / NANOS_PER_SECOND,
                        (engineNanos.sum() - engineBefore) / NANOS_PER_SECOND)));
    }
}

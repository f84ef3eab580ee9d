package io.spikelet.job.task;

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
 * @param tokens tokens that the engine processed for them
 * @param tasks reports of tasks that ended
 */
public record RowCounter(LongAccumulator rows, LongAccumulator tokens, CollectionAccumulator<TaskReport> tasks)
        implements Serializable {
    /** New counters, at zero, of an application. */
    public static RowCounter of(SparkContext spark) {
        return new RowCounter(
                spark.longAccumulator("spikelet.rows"),
                spark.longAccumulator("spikelet.tokens"),
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

    void add(long doneTokens) {
        rows.add(1L);
        tokens.add(doneTokens);
    }

    /** Reports on the running task when it ends. */
    void reportAfter(TaskContext task) {
        long startedAtMillis = System.currentTimeMillis();
        long start = System.nanoTime();
        long rowsBefore = rows.sum();
        long tokensBefore = tokens.sum();
        TaskModel.closeAfter(
                task,
                () -> tasks.add(TaskReport.of(
                        task,
                        startedAtMillis,
                        rows.sum() - rowsBefore,
                        tokens.sum() - tokensBefore,
                        (System.nanoTime() - start) / 1e9)));
    }
}

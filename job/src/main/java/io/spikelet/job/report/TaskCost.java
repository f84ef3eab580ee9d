package io.spikelet.job.report;

import java.time.Instant;
import java.util.DoubleSummaryStatistics;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/** The costs of a task, from the shards table. */
record TaskCost(
        int attempt,
        int shard,
        long rows,
        long predictedTokens,
        long tokens,
        double seconds,
        String executor,
        Instant startedAt) {
    private static final double NANOS_PER_SECOND = 1e9;

    /** The tasks of a run that had rows. */
    static List<TaskCost> of(Optional<Dataset<Row>> shards, String runId) {
        return shards.stream()
                .flatMap(table -> table
                        .where(functions.col("run_id").equalTo(runId))
                        .where("rows > 0")
                        .orderBy("attempt", "shard")
                        .collectAsList()
                        .stream())
                .map(shard -> new TaskCost(
                        shard.getAs("attempt"),
                        shard.getAs("shard"),
                        shard.getAs("rows"),
                        shard.getAs("predicted_tokens"),
                        shard.getAs("tokens"),
                        shard.getAs("seconds"),
                        shard.getAs("executor"),
                        instant(shard.get(shard.fieldIndex("started_at")))))
                .toList();
    }

    /**
     * Tasks without those that warmed a JVM up: in each attempt, those of an executor that began before its first one had
     * ended. They compile the code that later ones run.
     */
    static List<TaskCost> warm(List<TaskCost> tasks) {
        Map<String, Double> ready = new HashMap<>();
        tasks.forEach(task -> ready.merge(task.process(), task.end(), Math::min));
        return tasks.stream()
                .filter(task -> task.start() >= ready.get(task.process()))
                .toList();
    }

    /** Tasks as if each attempt had begun when the one before it had ended: nothing ran between them. */
    static List<TaskCost> withoutPauses(List<TaskCost> tasks) {
        Map<Integer, DoubleSummaryStatistics> times = new TreeMap<>();
        tasks.forEach(task -> {
            DoubleSummaryStatistics attempt =
                    times.computeIfAbsent(task.attempt(), ignored -> new DoubleSummaryStatistics());
            attempt.accept(task.start());
            attempt.accept(task.end());
        });
        Map<Integer, Double> shifts = new HashMap<>();
        double end = Double.NaN;
        for (Map.Entry<Integer, DoubleSummaryStatistics> attempt : times.entrySet()) {
            DoubleSummaryStatistics time = attempt.getValue();
            double shift = Double.isNaN(end) ? 0 : end - time.getMin();
            shifts.put(attempt.getKey(), shift);
            end = time.getMax() + shift;
        }
        return tasks.stream()
                .map(task -> task.later(shifts.get(task.attempt())))
                .toList();
    }

    private TaskCost later(double shift) {
        Instant shifted = startedAt.plusNanos(Math.round(shift * NANOS_PER_SECOND));
        return new TaskCost(attempt, shard, rows, predictedTokens, tokens, seconds, executor, shifted);
    }

    private String process() {
        return attempt + "/" + executor;
    }

    double start() {
        return startedAt.toEpochMilli() / 1000.0;
    }

    double end() {
        return start() + seconds;
    }

    /** Sessions differ in the class that they have for timestamps. */
    private static Instant instant(Object value) {
        return value instanceof Instant instant ? instant : ((java.sql.Timestamp) value).toInstant();
    }
}

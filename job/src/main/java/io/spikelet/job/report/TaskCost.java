package io.spikelet.job.report;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/** What a task cost, as the shards table has it. */
record TaskCost(
        int attempt,
        int shard,
        long rows,
        long predictedTokens,
        long tokens,
        double seconds,
        String executor,
        Instant startedAt) {
    /** The tasks of a run that had rows. */
    static List<TaskCost> of(Optional<Dataset<Row>> shards, String runId) {
        List<TaskCost> costs = new ArrayList<>();
        for (Row shard : shards.map(table -> table.where(functions.col("run_id").equalTo(runId))
                        .where("rows > 0")
                        .orderBy("attempt", "shard")
                        .collectAsList())
                .orElse(List.of())) {
            costs.add(new TaskCost(
                    shard.getAs("attempt"),
                    shard.getAs("shard"),
                    shard.getAs("rows"),
                    shard.getAs("predicted_tokens"),
                    shard.getAs("tokens"),
                    shard.getAs("seconds"),
                    shard.getAs("executor"),
                    instant(shard.get(shard.fieldIndex("started_at")))));
        }
        return costs;
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

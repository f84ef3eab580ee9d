package io.spikelet.job.report;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Row;

/** What a task cost, as the runs table has it. */
record TaskCost(
        int slice,
        int partition,
        long rows,
        long predictedTokens,
        long tokens,
        double seconds,
        Optional<String> executor,
        Optional<Instant> startedAt) {
    /** The tasks of a run that had rows; older runs do not say where and when. */
    static List<TaskCost> of(Row run) {
        List<TaskCost> costs = new ArrayList<>();
        for (Row task : run.<Row>getList(run.fieldIndex("partition_costs"))) {
            boolean saysWhere = List.of(task.schema().fieldNames()).containsAll(List.of("executor", "started_at"));
            if (task.<Long>getAs("rows") > 0) {
                costs.add(new TaskCost(
                        task.getAs("slice"),
                        task.getAs("partition"),
                        task.getAs("rows"),
                        task.getAs("predicted_tokens"),
                        task.getAs("tokens"),
                        task.getAs("seconds"),
                        saysWhere ? Optional.ofNullable(task.getAs("executor")) : Optional.empty(),
                        saysWhere
                                ? Optional.ofNullable(task.get(task.fieldIndex("started_at")))
                                        .map(TaskCost::instant)
                                : Optional.empty()));
            }
        }
        return costs;
    }

    boolean saysWhereAndWhen() {
        return executor.isPresent() && startedAt.isPresent();
    }

    double start() {
        return startedAt.orElseThrow().toEpochMilli() / 1000.0;
    }

    double end() {
        return start() + seconds;
    }

    /** Sessions differ in the class that they have for timestamps. */
    private static Instant instant(Object value) {
        return value instanceof Instant instant ? instant : ((java.sql.Timestamp) value).toInstant();
    }
}

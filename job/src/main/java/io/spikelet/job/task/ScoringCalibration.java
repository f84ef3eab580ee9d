package io.spikelet.job.task;

import io.spikelet.engine.decode.MemoryPlan;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Scores a sample for a few seconds in one task, after a warm-up: measures the tokens of rows and the speed. Returns
 * one row.
 *
 * @param batchSize token positions that the task advances in one pass
 */
public record ScoringCalibration(ModelTask task, int batchSize) implements MapPartitionsFunction<Row, Row> {
    /** The row: number of scored rows, bytes of text, tokens. The rate is tokens per second. */
    public static final StructType TYPE = new StructType()
            .add("rows", DataTypes.LongType)
            .add("failed", DataTypes.LongType)
            .add("bytes", DataTypes.LongType)
            .add("tokens", DataTypes.LongType)
            .add("longest", DataTypes.LongType)
            .add("batch", DataTypes.IntegerType)
            .add("task_bytes", DataTypes.LongType)
            .add("tasks", DataTypes.IntegerType)
            .add("heap_bytes", DataTypes.LongType)
            .add("rate", DataTypes.DoubleType);

    private static final int AT_ONCE = 4; // rows between two readings of the clock
    private static final double WARM_UP_SECONDS = 1;
    private static final double SECONDS = 3;
    private static final double NANOS = 1e9;

    @Override
    public Iterator<Row> call(Iterator<Row> sample) {
        TaskModel model = task.lease();
        List<Row> rows = new ArrayList<>();
        sample.forEachRemaining(rows::add);
        RowProcessor<?, ?> work = task.open(model);
        tried(work, rows, WARM_UP_SECONDS);
        Trial trial = tried(work, rows, SECONDS);
        MemoryPlan plan = MemoryPlan.forScoring(model.spiking(), batchSize, TaskSlots.ofThisJvm());
        return List.of(RowFactory.create(
                        trial.rows,
                        trial.failed,
                        trial.bytes,
                        trial.tokens,
                        trial.longest,
                        plan.maxColumns(),
                        plan.scratchBytes() + plan.rowBytes(),
                        TaskSlots.ofThisJvm(),
                        Runtime.getRuntime().maxMemory(),
                        trial.seconds > 0 ? trial.tokens / trial.seconds : 0))
                .iterator();
    }

    private static final class Trial {
        private long rows;
        private long failed;
        private long bytes;
        private long tokens;
        private long longest;
        private double seconds;
    }

    private static <Q, R> Trial tried(RowProcessor<Q, R> work, List<Row> rows, double seconds) {
        Trial trial = new Trial();
        for (int from = 0; from < rows.size() && trial.seconds < seconds; from += AT_ONCE) {
            List<Q> requests = new ArrayList<>();
            Map<String, Row> sources = new HashMap<>();
            for (Row row : rows.subList(from, Math.min(rows.size(), from + AT_ONCE))) {
                Q request = work.admit(row).request();
                if (request == null) {
                    trial.failed++;
                } else {
                    requests.add(request);
                    sources.put(work.key(row), row);
                }
            }
            long start = System.nanoTime();
            for (Iterator<R> results = work.run(requests.iterator()); results.hasNext(); ) {
                R result = results.next();
                RowMeasures measures = work.measures(result);
                String text = sources.get(work.rowId(result)).getString(SourceRow.TEXT);
                trial.rows++;
                trial.failed += measures.failed() ? 1 : 0;
                trial.bytes += text.getBytes(StandardCharsets.UTF_8).length;
                trial.tokens += measures.tokens();
                trial.longest = Math.max(trial.longest, measures.tokens());
            }
            trial.seconds += (System.nanoTime() - start) / NANOS;
        }
        return trial;
    }
}

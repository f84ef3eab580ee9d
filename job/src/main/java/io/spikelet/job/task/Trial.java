package io.spikelet.job.task;

import io.spikelet.engine.decode.MemoryPlan;
import io.spikelet.engine.token.Utf8;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * The task of a run on a sample of its rows, for a dry run: after a warm-up it works for a few seconds, and returns one
 * row of what it measured instead of the rows of the table.
 */
public record Trial(ModelTask task) implements MapPartitionsFunction<Row, Row> {
    /**
     * The row: texts that were tried, those of them that failed, bytes of all, tokens of those that did not fail, tokens of
     * the longest; rows and positions that a task takes together, bytes of its buffers and states, tasks of a JVM and its
     * heap; and tokens per second of one task, of texts and of completions, 0 if there were none.
     */
    public static final StructType TYPE = new StructType()
            .add("texts", DataTypes.LongType)
            .add("failed", DataTypes.LongType)
            .add("bytes", DataTypes.LongType)
            .add("tokens", DataTypes.LongType)
            .add("longest", DataTypes.LongType)
            .add("batch", DataTypes.IntegerType)
            .add("columns", DataTypes.IntegerType)
            .add("task_bytes", DataTypes.LongType)
            .add("tasks", DataTypes.IntegerType)
            .add("heap_bytes", DataTypes.LongType)
            .add("rate", DataTypes.DoubleType)
            .add("decode_rate", DataTypes.DoubleType);

    private static final double WARM_UP_SECONDS = 1;
    private static final double SECONDS = 3;
    private static final double NANOS = 1e9;

    @Override
    public Iterator<Row> call(Iterator<Row> sample) {
        List<Row> rows = new ArrayList<>();
        sample.forEachRemaining(rows::add);
        run(rows, WARM_UP_SECONDS);
        return List.of(run(rows, SECONDS)).iterator();
    }

    /** On an engine of its own, which knows no prompt from an earlier run. */
    private Row run(List<Row> rows, double seconds) {
        try (TaskModel model = task.lease()) {
            RowProcessor<?, ?> processor = task.open(model);
            TaskMeter meter = new TaskMeter(task.counter(), task.isShort());
            TimedRows timed = new TimedRows(rows, seconds);
            new RowStream<>(timed, processor, meter, RowTracker.NONE).forEachRemaining(row -> {});
            MemoryPlan plan = task.factory().memory(model);
            return RowFactory.create(
                    timed.texts,
                    timed.texts - meter.prompts(),
                    timed.bytes,
                    meter.promptTokens(),
                    meter.longestPrompt(),
                    plan.batchSize(),
                    plan.maxColumns(),
                    plan.scratchBytes() + plan.prefixBytes() + plan.batchSize() * plan.rowBytes(),
                    TaskSlots.ofThisJvm(),
                    Runtime.getRuntime().maxMemory(),
                    meter.promptRate(),
                    meter.decodeRate());
        }
    }

    /** Rows until a time has passed; the first is always among them. */
    private static final class TimedRows implements Iterator<Row> {
        private final Iterator<Row> rows;
        private final double seconds;
        private final long start = System.nanoTime();
        private long texts; // that were taken, each once for all its samples
        private long bytes; // of these texts

        TimedRows(List<Row> rows, double seconds) {
            this.rows = rows.iterator();
            this.seconds = seconds;
        }

        @Override
        public boolean hasNext() {
            return rows.hasNext() && (texts == 0 || System.nanoTime() - start < seconds * NANOS);
        }

        @Override
        public Row next() {
            Row row = rows.next();
            if (row.getInt(SourceRow.SAMPLE_INDEX) == 0) {
                texts++;
                bytes += Utf8.length(row.getString(SourceRow.TEXT));
            }
            return row;
        }
    }
}

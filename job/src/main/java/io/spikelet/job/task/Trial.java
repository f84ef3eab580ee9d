package io.spikelet.job.task;

import io.spikelet.engine.decode.MemoryPlan;
import java.nio.charset.StandardCharsets;
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
     * The row: rows that ended, those of them that failed, bytes of all texts, tokens of texts that did not fail. Rates
     * are tokens per second of one task, of texts and of completions; 0 if there were none.
     */
    public static final StructType TYPE = new StructType()
            .add("rows", DataTypes.LongType)
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
        TaskModel model = task.lease();
        List<Row> rows = new ArrayList<>();
        sample.forEachRemaining(rows::add);
        RowProcessor<?, ?> processor = task.open(model);
        run(processor, new TimedRows(rows, WARM_UP_SECONDS));
        TimedRows timed = new TimedRows(rows, SECONDS);
        TaskMeter meter = run(processor, timed);
        MemoryPlan plan = task.factory().memory(model);
        return List.of(RowFactory.create(
                        meter.rows(),
                        meter.failed(),
                        timed.bytes,
                        meter.promptTokens(),
                        meter.longestPrompt(),
                        plan.batchSize(),
                        plan.maxColumns(),
                        plan.scratchBytes() + plan.prefixBytes() + plan.batchSize() * plan.rowBytes(),
                        TaskSlots.ofThisJvm(),
                        Runtime.getRuntime().maxMemory(),
                        meter.promptRate(),
                        meter.decodeRate()))
                .iterator();
    }

    private TaskMeter run(RowProcessor<?, ?> processor, Iterator<Row> rows) {
        TaskMeter meter = new TaskMeter(task.counter(), task.isShort());
        new RowStream<>(rows, processor, meter, RowTracker.NONE).forEachRemaining(row -> {});
        return meter;
    }

    /** Rows until a time has passed; the first is always among them. */
    private static final class TimedRows implements Iterator<Row> {
        private final Iterator<Row> rows;
        private final double seconds;
        private final long start = System.nanoTime();
        private boolean isBegun;
        private long bytes; // of the texts of the rows that were taken

        TimedRows(List<Row> rows, double seconds) {
            this.rows = rows.iterator();
            this.seconds = seconds;
        }

        @Override
        public boolean hasNext() {
            return rows.hasNext() && (!isBegun || System.nanoTime() - start < seconds * NANOS);
        }

        @Override
        public Row next() {
            isBegun = true;
            Row row = rows.next();
            bytes += row.getString(SourceRow.TEXT).getBytes(StandardCharsets.UTF_8).length;
            return row;
        }
    }
}

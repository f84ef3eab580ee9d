package io.spikelet.job.action;

import io.spikelet.job.LiteralPath;
import io.spikelet.job.plan.Ledger;
import io.spikelet.job.plan.OutputDirectory;
import io.spikelet.job.plan.PlanRows;
import io.spikelet.job.plan.SliceEntry;
import io.spikelet.job.plan.SlicePlan;
import io.spikelet.job.task.RowCounter;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/**
 * The rows of a run that are not done, worked on slice by slice: each is a Spark job whose output is committed before the
 * next begins. Not thread-safe.
 */
final class SlicedWork {
    /** Rows of a file of the final table: a table of n rows has n / 100,000 files, rounded up. */
    private static final long ROWS_PER_FILE = 100_000;

    private static final double NANOS_PER_SECOND = 1e9;

    private final Run run;
    private final OutputDirectory output;
    private final String table;
    private final List<String> id;
    private final int outputsPerRow;
    private final Versions versions;
    private SlicePlan plan;
    private long inputRows;
    private boolean isNews;

    /**
     * @param table the main table of the run
     * @param schema of the rows of a slice
     * @param id columns that are unique in the table, row_id first
     * @param outputsPerRow rows of the table for each row of the input
     */
    SlicedWork(Run run, String table, StructType schema, List<String> id, int outputsPerRow) {
        this(run, List.of(table), schema, id, outputsPerRow);
    }

    /** @param tables the main one, and others that keep rows of it */
    SlicedWork(Run run, List<String> tables, StructType schema, List<String> id, int outputsPerRow) {
        this.run = run;
        this.output = run.output();
        this.table = tables.getFirst();
        this.id = List.copyOf(id);
        this.outputsPerRow = outputsPerRow;
        this.versions = new Versions(run.spark(), output, tables, schema);
    }

    /**
     * Works until every row is done.
     *
     * @param work from the rows of a slice to those of the table
     * @param expectedTokens that a row generates, for planning
     */
    void finish(UnaryOperator<Dataset<Row>> work, RowCounter counter, int expectedTokens) {
        finish(PlanRows.of(run.input(), run.planPartitions(), expectedTokens), work, counter);
    }

    /** Works until everything is done, with these in the place of the input's rows. */
    void finish(PlanRows units, UnaryOperator<Dataset<Row>> work, RowCounter counter) {
        run.describe("plan the slices");
        plan = plan(units);
        inputRows = units.documents().orElseGet(() -> plan.outputRows() - units.windows());
        Queue<SlicePlan.Slice> slices = new ArrayDeque<>(plan.slices());
        SlicePace pace = new SlicePace(run.request().durability().sliceRows().isEmpty());
        int number = output.ledger().committed().stream()
                .mapToInt(entry -> entry.slice() + 1)
                .max()
                .orElse(0);
        long rows = slices.stream().mapToLong(SlicePlan.Slice::rows).sum();
        try (ProgressLine ignored = new ProgressLine(
                run.spark().sparkContext(),
                counter,
                run.request().command(),
                rows,
                run.request().progress())) {
            while (!slices.isEmpty()) {
                SlicePlan.Slice slice = pace.next(slices);
                long start = System.nanoTime();
                finish(slice, number++, work, counter);
                pace.took(slice, (System.nanoTime() - start) / NANOS_PER_SECOND);
            }
        }
        run.describe("put the tables together");
        isNews = !output.isPublished()
                || units.windows() > 0 // whose place in the documents may have changed
                || !output.ledger().committed().isEmpty()
                || published().count() != wantedRows();
    }

    /** Whether the tables must be written anew. */
    boolean isNews() {
        return isNews;
    }

    /** The rows of the final table, with {@link Versions#SLICE}. */
    Dataset<Row> last() {
        return versions.last(plan.keys(), id, files());
    }

    /** Files of the final table. */
    int files() {
        return (int) Math.clamp(Math.ceilDiv(wantedRows(), ROWS_PER_FILE), 1, 1_000_000);
    }

    /** Rows that the final table must have. */
    long wantedRows() {
        return inputRows * outputsPerRow;
    }

    /** The final table, once written. */
    Dataset<Row> written() {
        return isNews ? LiteralPath.read(run.spark()).parquet(output.table(table)) : published();
    }

    /** Makes the tables visible. */
    void publish() {
        if (isNews) {
            output.publish();
        } else {
            output.finish();
        }
    }

    private SlicePlan plan(PlanRows units) {
        Dataset<Row> done = versions.done(run.request().durability().retryFailed());
        long all = units.documents().isPresent() ? units.windows() : run.rows() + units.windows();
        long todo = Math.max(1, all - done.count());
        String path =
                output.scratch("plan-" + output.ledger().state().orElseThrow().attempts());
        return SlicePlan.write(
                units,
                done,
                path,
                Math.toIntExact(Math.ceilDiv(todo, run.sliceRows())),
                units.windows() > 0 ? run.partitions(all) : run.partitions());
    }

    private void finish(SlicePlan.Slice slice, int number, UnaryOperator<Dataset<Row>> work, RowCounter counter) {
        Ledger ledger = output.ledger();
        run.describe(String.format(
                Locale.ROOT, "slice %d (%d rows in %d partitions)", number, slice.rows(), run.partitions()));
        work.apply(plan.rows(slice)).write().parquet(ledger.slice(number));
        int attempt = ledger.state().orElseThrow().attempts();
        ledger.commit(new SliceEntry(number, attempt, slice.rows(), slice.predictedTokens(), counter.takeReports()));
    }

    private Dataset<Row> published() {
        return LiteralPath.read(run.spark()).parquet(output.publishedTable(table));
    }
}

package io.spikelet.job.action;

import static org.apache.spark.sql.functions.col;

import com.fasterxml.jackson.databind.JsonNode;
import io.spikelet.job.LiteralPath;
import io.spikelet.job.plan.WorkPlan;
import io.spikelet.job.schema.Columns;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Turns the rows of a finished run into its tables. Not thread-safe. */
final class FinishedRows {
    /** Rows of a file of the final table: a table of n rows has n / 100,000 files, rounded up. */
    private static final long ROWS_PER_FILE = 100_000;

    private final Run run;
    private final ModelJob job;
    private final CommittedRows committed;
    private final WorkPlan plan;
    private final long wanted;
    private final long windows;
    private final boolean isFirst;
    private final boolean isNew;

    /**
     * @param inputRows rows of the input, times their samples
     * @param windows rows that are windows of all documents joined; their positions may have changed
     * @param isFirst whether there were no rows before this attempt, so that each occurs once
     */
    FinishedRows(
            Run run,
            ModelJob job,
            CommittedRows committed,
            WorkPlan plan,
            long inputRows,
            long windows,
            boolean isFirst) {
        this.run = run;
        this.job = job;
        this.committed = committed;
        this.plan = plan;
        this.wanted = inputRows * job.outputsPerRow();
        this.windows = windows;
        this.isFirst = isFirst;
        this.isNew = !run.output().isPublished()
                || windows > 0
                || !run.output().ledger().committed().isEmpty()
                || published().count() != wanted
                || !hasSameSettings()
                || hasMoved();
    }

    /** Whether rows have other values of those columns that the plan replaces. */
    private boolean hasMoved() {
        Dataset<Row> keys = plan.keys();
        return plan.isOfRequests()
                && !keys.except(published().select(Columns.named(List.of(keys.columns()))))
                        .isEmpty();
    }

    /** Whether the published tables were written with the same settings, those that do not change rows included. */
    private boolean hasSameSettings() {
        Map<String, Object> settings = new HashMap<>(job.settings(run.config()));
        settings.keySet().removeAll(job.determining(run).keySet()); // these are the same
        settings.keySet()
                .removeAll(List.of("batch-size", "baseline")); // of no effect; a location, whose content determines
        JsonNode then = RunFingerprint.lastPublished(run, "configuration");
        JsonNode now = RunFingerprint.tree(settings);
        return settings.keySet().stream().allMatch(name -> now.get(name).equals(then.get(name)));
    }

    /** Whether the tables must be written again. */
    boolean isNew() {
        return isNew;
    }

    /** The last version of each row, with {@link CommittedRows#ATTEMPT}; computed again by every query. */
    Dataset<Row> last() {
        if (!isFirst) {
            return committed.last(plan.keys(), job.keys(), files());
        }
        Dataset<Row> once =
                isOneFile() ? committed.made().coalesce(1) : committed.made().repartition(files(), col("row_id"));
        return once.sortWithinPartitions(Columns.named(job.keys()));
    }

    /** As {@link #last}, written to a place of its own for several queries. */
    Dataset<Row> stored() {
        return run.stored(last(), "last");
    }

    /** Writes the main table as it is. */
    void writeMain() {
        last().drop(CommittedRows.ATTEMPT).write().parquet(run.output().table(main()));
    }

    /** Writes a table of few rows. */
    void writeSmall(Dataset<Row> rows, String table) {
        DriverTable.write(rows, run.output().table(table));
    }

    /** Files of the final table. */
    int files() {
        return (int) Math.clamp(Math.ceilDiv(wanted, ROWS_PER_FILE), 1, 1_000_000);
    }

    /** Windows that must have been scored. */
    long windows() {
        return windows;
    }

    /** Rows that the main table must have. */
    long wanted() {
        return wanted;
    }

    /** The main table, once written. */
    Dataset<Row> written() {
        return isNew ? table(run.output().table(main())) : published();
    }

    private Dataset<Row> published() {
        return table(run.output().publishedTable(main()));
    }

    /** Whether the table is read and written in one task, without a shuffle. */
    private boolean isOneFile() {
        return run.isSmall() && files() == 1;
    }

    private Dataset<Row> table(String folder) {
        Dataset<Row> rows = LiteralPath.table(run.spark(), folder);
        return isOneFile() ? rows.coalesce(1) : rows;
    }

    private String main() {
        return job.tables().getFirst();
    }
}

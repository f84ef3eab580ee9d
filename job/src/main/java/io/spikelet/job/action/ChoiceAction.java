package io.spikelet.job.action;

import io.spikelet.job.schema.GroupColumns;
import io.spikelet.job.schema.PassThrough;
import io.spikelet.job.schema.Tables;
import io.spikelet.job.sql.ChoiceSummary;
import io.spikelet.job.task.ChoiceRows;
import io.spikelet.job.task.ChoiceSettings;
import io.spikelet.job.task.RowCounter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/** Scores every item of a task and leaves the tables {@code choice_scores}, {@code choice_summary} and {@code runs}. */
public final class ChoiceAction {
    private final RunRequest request;
    private final ChoiceOptions options;

    /** @param request whose text column is the task's */
    public ChoiceAction(RunRequest request, ChoiceOptions options) {
        this.request = request;
        this.options = options;
    }

    /** Checks what needs no Spark, so that a slip costs no start of it. */
    public ChoiceAction check() {
        RunModel.precheck(request.model(), options::settings);
        return this;
    }

    /**
     * Runs to the end.
     *
     * @throws IllegalArgumentException if model, input, task, options or output are not usable; nothing was done
     * @throws io.spikelet.job.RunFailedException if the work failed; nothing was published
     */
    public RunResult execute(SparkSession spark) {
        try (Run run = Run.begin(spark, request)) {
            ChoiceSettings settings = options.settings(run.model().config());
            StructType passThrough = run.input().passThrough();
            options.task().requireColumns(passThrough);
            StructType scores = PassThrough.append(Tables.CHOICE_SCORES, Tables.CHOICE_SCORES_COLUMNS, passThrough);
            StructType summary = GroupColumns.between(
                    Tables.CHOICE_SUMMARY_LEADING_COLUMNS,
                    Tables.CHOICE_SUMMARY_METRIC_COLUMNS,
                    Tables.CHOICE_SUMMARY,
                    options.groupBy(),
                    passThrough,
                    request.input().path());
            run.count(1, determining(settings));
            return run.work(() -> score(run, settings, scores, summary));
        }
    }

    private RunResult score(Run run, ChoiceSettings settings, StructType scores, StructType summary) {
        RowCounter counter = RowCounter.of(run.spark().sparkContext());
        ChoiceRows task = new ChoiceRows(
                run.broadcastHandle(),
                run.id(),
                settings,
                run.input().passThrough(),
                run.request().limits(),
                counter);
        SlicedWork work = new SlicedWork(run, Tables.CHOICE_SCORES, scores, List.of("row_id"), 1);
        work.finish(rows -> rows.mapPartitions(task, Encoders.row(scores)), counter, 0);
        if (work.isNews()) {
            work.last().drop(Versions.SLICE).write().parquet(run.output().table(Tables.CHOICE_SCORES));
            new ChoiceSummary(
                            work.written(),
                            run.id(),
                            options.task().name(),
                            options.task().isCloze(),
                            options.groupBy(),
                            summary)
                    .rows()
                    .coalesce(1)
                    .write()
                    .parquet(run.output().table(Tables.CHOICE_SUMMARY));
        }
        RunTotals totals = RunTotals.ofScores(work.written(), "decoded_tokens");
        run.requireRows(Tables.CHOICE_SCORES, totals.rows(), work.wantedRows());
        if (work.isNews()) {
            RunMetadata.write(run, describe(settings), totals);
        }
        work.publish();
        return run.result(totals);
    }

    /** How tokens share a pass and how items are grouped do not determine scores; all of the task file does. */
    private Map<String, Object> determining(ChoiceSettings settings) {
        Map<String, Object> values = describe(settings);
        values.remove("batch-size");
        values.remove("group-by");
        values.put("task-file", settings.task().source());
        return values;
    }

    private Map<String, Object> describe(ChoiceSettings settings) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("task", settings.task().name());
        values.put("context", settings.context());
        values.put("prefix", settings.prefixLabel());
        values.put("group-by", String.join(",", options.groupBy()));
        values.put("batch-size", settings.batchSize());
        return values;
    }
}

package io.spikelet.job.action;

import io.spikelet.engine.model.FamilyConfig;
import io.spikelet.job.plan.InputRows;
import io.spikelet.job.schema.GroupColumns;
import io.spikelet.job.schema.PassThrough;
import io.spikelet.job.schema.Tables;
import io.spikelet.job.sql.ChoiceSummary;
import io.spikelet.job.task.ChoiceRows;
import io.spikelet.job.task.ChoiceSettings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/** Scores every item of a task and writes the tables {@code choice_scores}, {@code choice_summary} and {@code runs}. */
public record ChoiceJob(ChoiceOptions options) implements ModelJob {
    private static final int MOST_CHOICES = 5; // of the tasks in conf/tasks

    @Override
    public void check(JobContext context) {
        options.task().requireColumns(context.input().passThrough());
        summary(context);
    }

    @Override
    public List<String> examples(JobContext context) {
        return options.fewshot()
                .draw(
                        context.spark(),
                        options.task(),
                        context.arguments().input().path());
    }

    private StructType summary(JobContext context) {
        return GroupColumns.between(
                Tables.CHOICE_SUMMARY_LEADING_COLUMNS,
                Tables.CHOICE_SUMMARY_METRIC_COLUMNS,
                Tables.CHOICE_SUMMARY,
                options.groupBy(),
                context.input().passThrough(),
                context.input().name());
    }

    @Override
    public List<String> tables() {
        return List.of(Tables.CHOICE_SCORES);
    }

    @Override
    public List<String> keys() {
        return List.of("row_id");
    }

    @Override
    public StructType schema(JobContext context) {
        return PassThrough.append(
                Tables.CHOICE_SCORES,
                Tables.CHOICE_SCORES_COLUMNS,
                context.input().passThrough());
    }

    @Override
    public ChoiceRows work(JobContext context) {
        return new ChoiceRows(
                options.settings(context.config()).with(context.examples()),
                context.input().passThrough());
    }

    @Override
    public void write(Run run, FinishedRows rows) {
        rows.writeMain();
        ChoiceSummary summary = new ChoiceSummary(
                rows.written(),
                run.id(),
                options.task().name(),
                options.task().isCloze(),
                options.groupBy(),
                summary(run));
        rows.writeSmall(summary.rows(), Tables.CHOICE_SUMMARY);
    }

    @Override
    public RunTotals totals(Dataset<Row> written) {
        return RunTotals.ofScores(written, "decoded_tokens");
    }

    /** Batching and grouping do not change scores; the complete task file and the examples themselves do. */
    @Override
    public Map<String, Object> determining(JobContext context) {
        Map<String, Object> values = settings(context.config());
        values.remove("batch-size");
        values.remove("group-by");
        values.remove("fewshot-split");
        values.put("task-file", options.task().source());
        if (options.fewshot().isGiven()) {
            values.put(
                    "fewshot-examples",
                    options.settings(context.config()).with(context.examples()).before());
        }
        return values;
    }

    /** The question counts once in the plan; each choice may read it again. */
    @Override
    public int passes(FamilyConfig config) {
        return MOST_CHOICES;
    }

    @Override
    public String text(Row row, InputRows input) {
        return options.task().rendered(row, input.passThrough());
    }

    @Override
    public List<String> lines(DryRunTotals totals, FamilyConfig config, Row tried) {
        return DryRunLines.ofScores("items", totals, tried);
    }

    @Override
    public Map<String, Object> settings(FamilyConfig config) {
        ChoiceSettings settings = options.settings(config);
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("task", settings.task().name());
        values.put("context", settings.context());
        values.put("prefix", settings.prefixLabel());
        values.put("group-by", String.join(",", options.groupBy()));
        values.put("batch-size", settings.batchSize());
        if (options.fewshot().isGiven()) {
            values.put("num-fewshot", options.fewshot().number());
            values.put("fewshot-seed", options.fewshot().seed());
            values.put(
                    "fewshot-split",
                    options.fewshot().split().orElse(options.task().fewshotSplit()));
        }
        return values;
    }
}

package io.spikelet.job.action;

import io.spikelet.engine.model.FamilyConfig;
import io.spikelet.engine.score.PerplexityProtocol;
import io.spikelet.job.executor.ModelHandle;
import io.spikelet.job.plan.InputRows;
import io.spikelet.job.task.ChoiceRows;
import io.spikelet.job.task.ModelTask;
import io.spikelet.job.task.RowCounter;
import io.spikelet.job.task.RowLimits;
import io.spikelet.job.task.ScoreRows;
import io.spikelet.job.task.ScoringCalibration;
import io.spikelet.job.task.ScoringSettings;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/** Scores, as {@link PerplexityAction} or {@link ChoiceAction} would make them. */
public final class PlannedScoring implements PlannedWork {
    /** A protocol for the trial where all that are wanted join documents, which a sample cannot be. */
    private static final String STAND_IN = "block";

    private final String rows;
    private final int batchSize;
    private final Consumer<FamilyConfig> check;
    private final Consumer<InputRows> inputCheck;
    private final TaskOf task;
    private final BiFunction<Row, InputRows, String> text;

    @FunctionalInterface
    private interface TaskOf {
        ModelTask of(Broadcast<ModelHandle> handle, FamilyConfig config, InputRows input, RowCounter counter);
    }

    private PlannedScoring(
            String rows,
            int batchSize,
            Consumer<FamilyConfig> check,
            Consumer<InputRows> inputCheck,
            TaskOf task,
            BiFunction<Row, InputRows, String> text) {
        this.rows = rows;
        this.batchSize = batchSize;
        this.check = check;
        this.inputCheck = inputCheck;
        this.task = task;
        this.text = text;
    }

    /** Documents. */
    public static PlannedScoring of(PerplexityOptions options, RowLimits limits) {
        return new PlannedScoring(
                "documents",
                options.batchSize(),
                options::settings,
                input -> PerplexityAction.summarySchema(options, input.passThrough(), input.name()),
                (handle, config, input, counter) ->
                        new ScoreRows(handle, null, alone(options.settings(config)), limits, counter),
                (row, input) -> row.getAs(InputRows.TEXT));
    }

    /** Items of a multiple choice. */
    public static PlannedScoring of(ChoiceOptions options, RowLimits limits) {
        return new PlannedScoring(
                "items",
                options.batchSize(),
                options::settings,
                input -> options.task().requireColumns(input.passThrough()),
                (handle, config, input, counter) ->
                        new ChoiceRows(handle, null, options.settings(config), input.passThrough(), limits, counter),
                (row, input) -> options.task().rendered(row, input.passThrough()));
    }

    /** The protocols that score documents alone. */
    private static ScoringSettings alone(ScoringSettings settings) {
        List<String> names =
                settings.ofDocuments().stream().map(PerplexityProtocol::name).toList();
        return new ScoringSettings(
                names.isEmpty() ? List.of(STAND_IN) : names,
                settings.context(),
                settings.stride(),
                settings.prefix(),
                settings.batchSize(),
                settings.emitTokens());
    }

    @Override
    public void check(FamilyConfig config) {
        check.accept(config);
    }

    @Override
    public void check(InputRows input) {
        inputCheck.accept(input);
    }

    @Override
    public int together(FamilyConfig config) {
        return 1;
    }

    @Override
    public MapPartitionsFunction<Row, Row> trial(Broadcast<ModelHandle> handle, FamilyConfig config, InputRows input) {
        RowCounter counter = RowCounter.of(SparkSession.active().sparkContext());
        return new ScoringCalibration(task.of(handle, config, input, counter), batchSize);
    }

    @Override
    public StructType trialType() {
        return ScoringCalibration.TYPE;
    }

    @Override
    public String textName() {
        return "text";
    }

    @Override
    public String text(Row row, InputRows input) {
        return text.apply(row, input);
    }

    @Override
    public List<String> lines(PlanTotals totals, Row tried) {
        long sample = tried.getAs("rows");
        long tokens = tried.getAs("tokens");
        double rate = tried.<Double>getAs("rate");
        long all = totals.tokens(tokens, tried.<Long>getAs("bytes"));
        return List.of(
                PlanLines.rows(totals),
                PlanLines.of("requests", "%d %s", totals.requests(), rows),
                PlanLines.of(
                        "tokens",
                        "about %d; in a sample of %d on average %.1f, at most %d; %d of the sample failed",
                        all,
                        sample,
                        sample == 0 ? 0.0 : (double) tokens / sample,
                        tried.<Long>getAs("longest"),
                        tried.<Long>getAs("failed")),
                PlanLines.partitions(totals),
                PlanLines.of("batch", "%d positions together in a task", tried.<Integer>getAs("batch")),
                PlanLines.memory(
                        totals,
                        tried.<Integer>getAs("tasks"),
                        tried.<Long>getAs("task_bytes"),
                        tried.<Long>getAs("heap_bytes")),
                PlanLines.of("speed of a task", "%.0f tokens/s", rate),
                PlanLines.time(rate == 0 ? 0 : all / rate / totals.busyCores(), ""));
    }
}

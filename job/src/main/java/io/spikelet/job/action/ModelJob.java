package io.spikelet.job.action;

import io.spikelet.engine.model.FamilyConfig;
import io.spikelet.job.executor.ModelLocation;
import io.spikelet.job.plan.InputRows;
import io.spikelet.job.plan.PlanRows;
import io.spikelet.job.task.ModelTask;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/**
 * A kind of work over the rows of an input: what it takes, what its tasks do, what it leaves. {@link JobRunner} does the rest
 * for all kinds. Immutable.
 */
public sealed interface ModelJob permits GenerateJob, PerplexityJob, ChoiceJob, CompareJob {
    /** Refuses options that do not suit the model; needs no Spark. */
    void check(FamilyConfig config);

    /** Refuses an input, or another model, that the work cannot be done with. */
    void check(JobContext context);

    /** The other model, if there is one. */
    default Optional<ModelLocation> baseline() {
        return Optional.empty();
    }

    /** The tables that hold what tasks made of rows, the main one first. */
    List<String> tables();

    /** Columns that are unique in the main table, row_id first. */
    List<String> keys();

    /** Rows of the main table for each row of the input and sample. */
    default int outputsPerRow() {
        return 1;
    }

    /** Rows that a task takes together. */
    default int together() {
        return 1;
    }

    /** Tokens that a row generates, for planning. */
    default int expectedTokens(FamilyConfig config) {
        return 0;
    }

    /** The settings after all defaults, by option name. */
    Map<String, Object> settings(FamilyConfig config);

    /** Those of the settings, and what else, that determine results. */
    Map<String, Object> determining(JobContext context);

    /** Columns of the rows that tasks leave. */
    StructType schema(JobContext context);

    /** What tasks do. */
    ModelTask task(JobContext context);

    /** What is to be planned. */
    default PlanRows units(Run run) {
        return PlanRows.of(run.input(), run.planPartitions(), expectedTokens(run.config()));
    }

    /** What tasks are given of planned rows. */
    default Dataset<Row> given(Dataset<Row> planned) {
        return planned;
    }

    /** Writes the tables but the record of the run. */
    void write(Run run, FinishedRows rows);

    /** Counts the main table. */
    RunTotals totals(Dataset<Row> written);

    /** What people should know of the numbers. */
    default Optional<String> note(FamilyConfig config) {
        return Optional.empty();
    }

    /** What tries a sample of rows in one task; one row of {@link #trialType} comes of it. */
    MapPartitionsFunction<Row, Row> trial(JobContext context);

    /** The schema of a trial. */
    StructType trialType();

    /** What to call a text of a row. */
    default String textName() {
        return "text";
    }

    /** What the model would see of a row. */
    default String text(Row row, InputRows input) {
        return row.getAs(InputRows.TEXT);
    }

    /** What a run would do, for people. */
    List<String> lines(PlanTotals totals, FamilyConfig config, Row tried);
}

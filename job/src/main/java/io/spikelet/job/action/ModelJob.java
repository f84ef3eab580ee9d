package io.spikelet.job.action;

import io.spikelet.engine.model.FamilyConfig;
import io.spikelet.job.executor.ModelLocation;
import io.spikelet.job.plan.InputRows;
import io.spikelet.job.plan.PlanRows;
import io.spikelet.job.task.ProcessorFactory;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/**
 * A kind of work over the rows of an input: its options, the work of its tasks, its tables. {@link JobRunner} does the
 * rest for all kinds. Immutable.
 */
public sealed interface ModelJob permits GenerateJob, PerplexityJob, ChoiceJob, CompareJob {
    /** Refuses options that do not fit the model; works without Spark. */
    default void check(FamilyConfig config) {
        settings(config);
    }

    /** Refuses an input, or another model, that the work cannot be done with. */
    void check(JobContext context);

    /** Texts that the model reads before each row, drawn once for the run. */
    default List<String> examples(JobContext context) {
        return List.of();
    }

    /** The other model, if there is one. */
    default Optional<ModelLocation> baseline() {
        return Optional.empty();
    }

    /** The tables with the output rows of tasks, the main one first. */
    List<String> tables();

    /** Columns that are unique in the main table, row_id first. */
    List<String> keys();

    /** Rows of the main table for each row of the input and sample. */
    default int outputsPerRow() {
        return 1;
    }

    /** Rows in one batch of a task. */
    default int batchSize() {
        return 1;
    }

    /** Tokens that a row generates, for planning. */
    default int expectedTokens(FamilyConfig config) {
        return 0;
    }

    /** How often tasks read a token of the plan, at most. */
    default int passes(FamilyConfig config) {
        return 1;
    }

    /** The settings after all defaults, by option name. */
    Map<String, Object> settings(FamilyConfig config);

    /** The settings and other values that determine results. */
    Map<String, Object> determining(JobContext context);

    /** Columns of the rows that tasks write. */
    StructType schema(JobContext context);

    /** What tasks do to rows. */
    ProcessorFactory work(JobContext context);

    /** The input of planning. */
    default PlanRows units(Run run) {
        return PlanRows.of(run.input(), run.planPartitions(), expectedTokens(run.config()));
    }

    /** The columns of planned rows that tasks receive. */
    default Dataset<Row> given(Dataset<Row> planned) {
        return planned;
    }

    /** Writes the tables except the record of the run. */
    void write(Run run, FinishedRows rows);

    /** Counts the main table. */
    RunTotals totals(Dataset<Row> written);

    /** A note on how to read the numbers. */
    default Optional<String> note(FamilyConfig config) {
        return Optional.empty();
    }

    /** What a task of a dry run does to a sample of the rows. */
    default ProcessorFactory sampleWork(JobContext context) {
        return work(context);
    }

    /** The name for the text of a row. */
    default String textName() {
        return "text";
    }

    /** What the model would see of a row. */
    default String text(Row row, InputRows input) {
        return row.getAs(InputRows.TEXT);
    }

    /** Describes what a run would do. */
    default List<String> lines(DryRunTotals totals, FamilyConfig config, Row tried) {
        return DryRunLines.ofScores("documents", totals, tried);
    }
}

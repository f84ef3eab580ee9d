package io.spikelet.job.action;

import io.spikelet.engine.model.FamilyConfig;
import io.spikelet.job.executor.ModelHandle;
import io.spikelet.job.plan.InputRows;
import java.util.List;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/** What {@link PlanAction} is to plan. */
public sealed interface PlannedWork permits PlannedGeneration, PlannedScoring {
    /** Refuses options that do not suit the model. */
    void check(FamilyConfig config);

    /** Refuses an input without the columns that the work needs. */
    void check(InputRows input);

    /** Rows that a task takes together. */
    int together(FamilyConfig config);

    /** What tries a sample of rows in one task; one row of {@link #trialType} comes of it. */
    MapPartitionsFunction<Row, Row> trial(Broadcast<ModelHandle> handle, FamilyConfig config, InputRows input);

    /** The schema of a trial. */
    StructType trialType();

    /** What to call a text of a row. */
    String textName();

    /** What the model would see of a row. */
    String text(Row row, InputRows input);

    /** The plan for people. */
    List<String> lines(PlanTotals totals, Row tried);
}

package io.spikelet.job.action;

import io.spikelet.engine.decode.MemoryPlan;
import io.spikelet.engine.model.FamilyConfig;
import io.spikelet.job.executor.ModelHandle;
import io.spikelet.job.plan.InputRows;
import io.spikelet.job.task.Calibration;
import io.spikelet.job.task.GenerationSettings;
import io.spikelet.job.task.RowLimits;
import java.util.List;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/** Completions, as {@link GenerateAction} would make them. */
public final class PlannedGeneration implements PlannedWork {
    private final GenerationOptions options;
    private final RowLimits limits;
    private int maxNewTokens;

    public PlannedGeneration(GenerationOptions options, RowLimits limits) {
        this.options = options;
        this.limits = limits;
    }

    @Override
    public void check(FamilyConfig config) {
        maxNewTokens = options.settings(config).sampling().maxNewTokens();
    }

    @Override
    public void check(InputRows input) {} // reading it has shown that it has the prompts

    @Override
    public int together(FamilyConfig config) {
        int batch = options.batchSize();
        return batch == GenerationSettings.AUTOMATIC ? MemoryPlan.MAX_BATCH : batch;
    }

    @Override
    public MapPartitionsFunction<Row, Row> trial(Broadcast<ModelHandle> handle, FamilyConfig config, InputRows input) {
        return new Calibration(handle, options.settings(config), limits);
    }

    @Override
    public StructType trialType() {
        return Calibration.TYPE;
    }

    @Override
    public String textName() {
        return "prompt";
    }

    @Override
    public String text(Row row, InputRows input) {
        return row.getAs(InputRows.TEXT);
    }

    @Override
    public List<String> lines(PlanTotals totals, Row tried) {
        long prompts = tried.getAs("prompts");
        long promptTokens = totals.tokens(tried.<Long>getAs("tokens"), tried.<Long>getAs("bytes"));
        double mean = prompts == 0 ? 0 : (double) tried.<Long>getAs("tokens") / prompts;
        return List.of(
                PlanLines.rows(totals),
                PlanLines.of("requests", "%d prompts, %d completions", totals.requests(), totals.completions()),
                PlanLines.of(
                        "prompt tokens",
                        "about %d; in a sample of %d on average %.1f, at most %d, %d too long",
                        promptTokens,
                        prompts,
                        mean,
                        tried.<Long>getAs("longest"),
                        tried.<Long>getAs("too_long")),
                PlanLines.of(
                        "new tokens",
                        "at most %d, %d for each completion",
                        totals.completions() * maxNewTokens,
                        maxNewTokens),
                PlanLines.partitions(totals),
                PlanLines.of("batch", "%d rows together in a task", tried.<Integer>getAs("batch")),
                PlanLines.memory(
                        totals,
                        tried.<Integer>getAs("tasks"),
                        tried.<Long>getAs("task_bytes"),
                        tried.<Long>getAs("heap_bytes")),
                PlanLines.of(
                        "speed of a task",
                        "%.0f prompt tokens/s, %.0f new tokens/s",
                        tried.<Double>getAs("prefill_rate"),
                        tried.<Double>getAs("decode_rate")),
                PlanLines.time(seconds(totals, promptTokens, tried), " at most"));
    }

    /** Of all tasks on all cores, if every completion is as long as it may be; samples share their prompt. */
    private double seconds(PlanTotals totals, long promptTokens, Row tried) {
        double prefill = tried.<Double>getAs("prefill_rate");
        double decode = tried.<Double>getAs("decode_rate");
        if (prefill == 0 || decode == 0) {
            return 0;
        }
        double newTokens = (double) totals.completions() * maxNewTokens;
        return (promptTokens / prefill + newTokens / decode) / totals.busyCores();
    }
}

package io.spikelet.job.action;

import io.spikelet.engine.decode.MemoryPlan;
import io.spikelet.engine.decode.SamplingParams;
import io.spikelet.job.plan.InputFormat;
import io.spikelet.job.plan.InputRows;
import io.spikelet.job.schema.PassThrough;
import io.spikelet.job.schema.Tables;
import io.spikelet.job.task.GenerateRows;
import io.spikelet.job.task.GenerationSettings;
import io.spikelet.job.task.RowCounter;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/** Completes every prompt of an input and leaves the tables {@code completions} and {@code runs}. */
public final class GenerateAction {
    private final RunRequest request;
    private final GenerationOptions options;

    public GenerateAction(RunRequest request, GenerationOptions options) {
        this.request = request;
        this.options = options;
    }

    /** Checks what needs no Spark, so that a slip costs no start of it. */
    public GenerateAction check() {
        RunModel.precheck(request.model(), options::settings);
        return this;
    }

    /**
     * Runs to the end.
     *
     * @throws IllegalArgumentException if model, input, options or output are not usable; nothing was done
     * @throws io.spikelet.job.RunFailedException if the work failed; nothing was published
     */
    public RunResult execute(SparkSession spark) {
        try (Run run = Run.begin(spark, request)) {
            GenerationSettings settings = options.settings(run.model().config());
            StructType schema = PassThrough.append(
                    Tables.COMPLETIONS, Tables.COMPLETIONS_COLUMNS, run.input().passThrough());
            int together =
                    settings.batchSize() == GenerationSettings.AUTOMATIC ? MemoryPlan.MAX_BATCH : settings.batchSize();
            run.count(together, determining(settings));
            return run.work(() -> complete(run, settings, schema));
        }
    }

    private static RunResult complete(Run run, GenerationSettings settings, StructType schema) throws IOException {
        RowCounter counter = RowCounter.of(run.spark().sparkContext());
        GenerateRows task = new GenerateRows(
                run.broadcastHandle(), run.id(), settings, run.request().limits(), counter);
        SlicedWork work = new SlicedWork(run, Tables.COMPLETIONS, schema, List.of("row_id", "sample_index"), 1);
        work.finish(
                rows -> InputRows.withSamples(rows).mapPartitions(task, Encoders.row(schema)),
                counter,
                settings.sampling().maxNewTokens());
        if (work.isNews()) {
            work.last().drop(Versions.SLICE).write().parquet(run.output().table(Tables.COMPLETIONS));
        }
        RunTotals totals = RunTotals.ofCompletions(work.written());
        run.requireRows(Tables.COMPLETIONS, totals.rows(), work.wantedRows());
        if (work.isNews()) {
            RunMetadata.write(run, describe(settings), totals);
            if (run.request().input().format().equals(Optional.of(InputFormat.OPENAI_BATCH))) {
                BatchResponses.write(run, work.written());
            }
        }
        work.publish();
        return run.result(totals);
    }

    /** How rows share a pass does not determine results. */
    private static Map<String, Object> determining(GenerationSettings settings) {
        Map<String, Object> values = describe(settings);
        values.remove("batch-size");
        return values;
    }

    private static Map<String, Object> describe(GenerationSettings settings) {
        Map<String, Object> values = new LinkedHashMap<>();
        SamplingParams params = settings.sampling();
        values.put("sampler", params.policy().label());
        values.put("max-new-tokens", params.maxNewTokens());
        values.put("min-new-tokens", params.minNewTokens());
        values.put("temperature", params.temperature());
        values.put("top-k", params.topK());
        values.put("top-p", params.topP());
        values.put("min-p", params.minP());
        values.put("repetition-penalty", params.repetitionPenalty());
        values.put("presence-penalty", params.presencePenalty());
        values.put("frequency-penalty", params.frequencyPenalty());
        values.put("adaptive-temperature", params.adaptiveTemperature());
        values.put("stop", params.stopStrings());
        values.put("stop-ids", boxed(params.stopIds()));
        values.put("banned-ids", boxed(params.bannedIds()));
        values.put("seed", settings.seed());
        values.put("top-logprobs", settings.detail().top());
        values.put("prompt-logprobs", settings.detail().prompt());
        values.put("context", settings.context());
        values.put("batch-size", settings.batchSize());
        values.put("token-logprobs", settings.tokenLogprobs());
        return values;
    }

    private static List<Integer> boxed(int[] ids) {
        return Arrays.stream(ids).boxed().toList();
    }
}

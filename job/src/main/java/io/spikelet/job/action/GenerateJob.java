package io.spikelet.job.action;

import io.spikelet.engine.decode.MemoryPlan;
import io.spikelet.engine.decode.SamplingParams;
import io.spikelet.engine.model.FamilyConfig;
import io.spikelet.job.plan.InputFormat;
import io.spikelet.job.plan.InputRows;
import io.spikelet.job.schema.PassThrough;
import io.spikelet.job.schema.Tables;
import io.spikelet.job.task.GenerateRows;
import io.spikelet.job.task.GenerationSettings;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/** Completes every prompt of an input and writes the tables {@code completions} and {@code runs}. */
public record GenerateJob(GenerationOptions options) implements ModelJob {
    @Override
    public void check(JobContext context) {} // reading the input has shown that it has the prompts

    @Override
    public List<String> tables() {
        return List.of(Tables.COMPLETIONS);
    }

    @Override
    public List<String> keys() {
        return List.of("row_id", "sample_index");
    }

    @Override
    public int batchSize() {
        int batch = options.batchSize();
        return batch == GenerationSettings.AUTOMATIC ? MemoryPlan.MAX_BATCH : batch;
    }

    @Override
    public int expectedTokens(FamilyConfig config) {
        return options.settings(config).sampling().maxNewTokens();
    }

    @Override
    public StructType schema(JobContext context) {
        return PassThrough.append(
                Tables.COMPLETIONS, Tables.COMPLETIONS_COLUMNS, context.input().passThrough());
    }

    @Override
    public GenerateRows work(JobContext context) {
        return new GenerateRows(options.settings(context.config()));
    }

    @Override
    public Dataset<Row> given(Dataset<Row> planned) {
        return InputRows.withSamples(planned);
    }

    @Override
    public void write(Run run, FinishedRows rows) {
        rows.writeMain();
        if (run.arguments().input().format().equals(Optional.of(InputFormat.OPENAI_BATCH))) {
            BatchResponses.write(run, rows.written());
        }
    }

    @Override
    public RunTotals totals(Dataset<Row> written) {
        return RunTotals.ofCompletions(written);
    }

    /** Batching does not change results. */
    @Override
    public Map<String, Object> determining(JobContext context) {
        Map<String, Object> values = settings(context.config());
        values.remove("batch-size");
        return values;
    }

    @Override
    public GenerateRows sampleWork(JobContext context) {
        return new GenerateRows(options.settings(context.config()).ofSample());
    }

    @Override
    public String textName() {
        return "prompt";
    }

    @Override
    public List<String> lines(DryRunTotals totals, FamilyConfig config, Row tried) {
        return DryRunLines.ofCompletions(totals, expectedTokens(config), tried);
    }

    @Override
    public Map<String, Object> settings(FamilyConfig config) {
        GenerationSettings settings = options.settings(config);
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

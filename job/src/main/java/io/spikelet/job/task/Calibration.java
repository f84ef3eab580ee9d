package io.spikelet.job.task;

import io.spikelet.engine.decode.Completion;
import io.spikelet.engine.decode.GenerationRequest;
import io.spikelet.engine.decode.Generator;
import io.spikelet.engine.decode.LogprobDetail;
import io.spikelet.engine.decode.MemoryPlan;
import io.spikelet.engine.decode.SamplingParams;
import io.spikelet.engine.token.Tokenizer;
import io.spikelet.job.executor.ModelHandle;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Runs a sample of prompts in one task: measures their tokens, the batch that the task's memory allows, and the speed
 * of a full batch after an equal amount of warm-up. Returns one row.
 */
public record Calibration(Broadcast<ModelHandle> handle, GenerationSettings settings, RowLimits limits)
        implements MapPartitionsFunction<Row, Row> {
    /** The row. Rates are tokens per second of one task, 0 if no prompt could be completed. */
    public static final StructType TYPE = new StructType()
            .add("prompts", DataTypes.LongType)
            .add("bytes", DataTypes.LongType)
            .add("tokens", DataTypes.LongType)
            .add("longest", DataTypes.LongType)
            .add("too_long", DataTypes.LongType)
            .add("batch", DataTypes.IntegerType)
            .add("task_bytes", DataTypes.LongType)
            .add("tasks", DataTypes.IntegerType)
            .add("heap_bytes", DataTypes.LongType)
            .add("prefill_rate", DataTypes.DoubleType)
            .add("decode_rate", DataTypes.DoubleType);

    private static final int NEW_TOKENS = 12;
    private static final double MILLIS = 1000;

    @Override
    public Iterator<Row> call(Iterator<Row> sample) {
        TaskModel model = TaskModel.lease(handle.value());
        long bytes = 0;
        long tokens = 0;
        long longest = 0;
        long tooLong = 0;
        long count = 0;
        List<int[]> prompts = new ArrayList<>();
        while (sample.hasNext()) {
            Row row = sample.next();
            String text = row.getString(SourceRow.TEXT);
            boolean isTooLarge = isTooLarge(model.tokenizer(), row);
            int[] ids = isTooLarge ? new int[0] : ids(model.tokenizer(), row);
            bytes += text.getBytes(StandardCharsets.UTF_8).length;
            tokens += ids.length;
            count++;
            longest = Math.max(longest, ids.length);
            if (isTooLarge || ids.length >= settings.context() || ids.length > limits.promptTokens()) {
                tooLong++;
            } else if (ids.length > 0) {
                prompts.add(ids);
            }
        }
        prompts.removeIf(ids -> ids.length + NEW_TOKENS > settings.context());
        MemoryPlan plan = GenerateRows.plan(model, settings);
        double[] rates = rates(model, plan, prompts);
        return List.of(RowFactory.create(
                        count,
                        bytes,
                        tokens,
                        longest,
                        tooLong,
                        plan.batchSize(),
                        plan.scratchBytes() + plan.prefixBytes() + plan.batchSize() * plan.rowBytes(),
                        TaskSlots.ofThisJvm(),
                        Runtime.getRuntime().maxMemory(),
                        rates[0],
                        rates[1]))
                .iterator();
    }

    private boolean isTooLarge(Tokenizer tokenizer, Row row) {
        return limits.tooLarge(tokenizer, row.getString(SourceRow.TEXT), settings.context())
                .isPresent();
    }

    private int[] ids(Tokenizer tokenizer, Row row) {
        try {
            return GenerationProcessor.promptIds(
                    tokenizer, row, RowOverrides.of(row.getString(SourceRow.OVERRIDES), settings));
        } catch (IllegalArgumentException e) { // the run will turn it into an error
            return new int[0];
        }
    }

    /** Of prompts and of new tokens. */
    private double[] rates(TaskModel model, MemoryPlan plan, List<int[]> prompts) {
        if (prompts.isEmpty()) {
            return new double[2];
        }
        double[] rates = new double[2];
        for (int round = 0; round < 2; round++) { // the first warms up
            double prefillMillis = 0;
            double decodeMillis = 0;
            long promptTokens = 0;
            long newTokens = 0;
            Generator.Options options = Generator.Options.of(plan, Double.POSITIVE_INFINITY);
            try (Generator generator = new Generator(model.spiking(), model.tokenizer(), options)) {
                Iterator<Completion> completions = generator.generate(requests(plan, prompts));
                while (completions.hasNext()) {
                    Completion completion = completions.next();
                    prefillMillis += completion.prefillMillis();
                    decodeMillis += completion.decodeMillis();
                    promptTokens += completion.request().promptIds().length;
                    newTokens += Math.max(0, completion.tokenIds().length - 1); // the first comes with the prompt
                }
            }
            rates[0] = prefillMillis > 0 ? promptTokens * MILLIS / prefillMillis : 0;
            rates[1] = decodeMillis > 0 ? newTokens * MILLIS / decodeMillis : 0;
        }
        return rates;
    }

    private Iterator<GenerationRequest> requests(MemoryPlan plan, List<int[]> prompts) {
        int tokens = Math.max(2, Math.min(NEW_TOKENS, settings.sampling().maxNewTokens()));
        SamplingParams params = settings.sampling()
                .change()
                .maxNewTokens(tokens)
                .minNewTokens(tokens)
                .stopStrings(List.of())
                .build();
        List<GenerationRequest> requests = new ArrayList<>();
        for (int i = 0; i < plan.batchSize(); i++) {
            requests.add(new GenerationRequest(
                    "calibration-" + i, prompts.get(i % prompts.size()), params, 0, 0, LogprobDetail.NONE));
        }
        return requests.iterator();
    }
}

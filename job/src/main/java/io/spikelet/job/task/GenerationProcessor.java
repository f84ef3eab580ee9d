package io.spikelet.job.task;

import io.spikelet.engine.decode.Completion;
import io.spikelet.engine.decode.FinishReason;
import io.spikelet.engine.decode.GenerationRequest;
import io.spikelet.engine.decode.Generator;
import io.spikelet.engine.decode.LogprobDetail;
import io.spikelet.engine.decode.TopTokens;
import io.spikelet.engine.token.BosPolicy;
import io.spikelet.engine.token.Tokenizer;
import io.spikelet.job.schema.ErrorClass;
import io.spikelet.job.schema.Tables;
import java.util.Iterator;
import java.util.Optional;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/** Prompts to rows of the completions table. Not thread-safe; one per task. */
final class GenerationProcessor extends TableProcessor<GenerationRequest, Completion> {
    private final Generator generator;
    private final Tokenizer tokenizer;
    private final GenerationSettings settings;
    private final RowLimits limits;
    private long reusedBefore;

    GenerationProcessor(
            Generator generator, Tokenizer tokenizer, String runId, GenerationSettings settings, RowLimits limits) {
        super(Tables.COMPLETIONS_COLUMNS, runId);
        this.generator = generator;
        this.tokenizer = tokenizer;
        this.settings = settings;
        this.limits = limits;
    }

    @Override
    Admission<GenerationRequest> accept(Row source) {
        RowOverrides row;
        try {
            row = RowOverrides.of(source.getString(SourceRow.OVERRIDES), settings);
        } catch (IllegalArgumentException e) {
            return refuse(source, ErrorClass.MALFORMED_ROW, e.getMessage());
        }
        Optional<String> tooLarge = row.promptIds().isPresent()
                ? Optional.empty()
                : limits.tooLarge(tokenizer, source.getString(SourceRow.TEXT), settings.context());
        if (tooLarge.isPresent()) {
            return refuse(source, ErrorClass.TOO_LONG, tooLarge.get());
        }
        int[] ids = promptIds(tokenizer, source, row);
        if (ids.length > limits.promptTokens()) {
            return refuse(source, ErrorClass.TOO_LONG, limits.tooMany(ids.length));
        }
        int room = settings.context() - (row.sampling().maxNewTokens() > 0 ? 1 : 0);
        if (ids.length > room) {
            return refuse(
                    source,
                    ErrorClass.TOO_LONG,
                    "the prompt has " + ids.length + " tokens with BOS; the model's context of " + settings.context()
                            + " has room for at most " + room + " before a completion: shorten the prompt");
        }
        return new Admission<>(
                new GenerationRequest(
                        request(source),
                        ids,
                        row.sampling(),
                        row.seed(),
                        source.getInt(SourceRow.SAMPLE_INDEX),
                        row.detail()),
                null);
    }

    /** The prompt of a row: its ids, or its text, behind BOS if the sampler's program has it there. */
    static int[] promptIds(Tokenizer tokenizer, Row source, RowOverrides row) {
        return row.promptIds().orElseGet(() -> {
            int[] ids = tokenizer.encode(source.getString(SourceRow.TEXT));
            boolean prefixed = row.sampling().policy().prefixesPrompts() || ids.length == 0;
            return (prefixed ? BosPolicy.PREPEND : BosPolicy.NONE).apply(tokenizer, ids);
        });
    }

    @Override
    public Iterator<Completion> run(Iterator<GenerationRequest> requests) {
        return generator.generate(requests);
    }

    @Override
    public String rowId(Completion completion) {
        return key(completion.request().rowId(), completion.request().sampleIndex());
    }

    @Override
    public String key(Row source) {
        return key(request(source), source.getInt(SourceRow.SAMPLE_INDEX));
    }

    @Override
    public String shared(Row source) {
        return source.getString(SourceRow.REQUEST);
    }

    private static String key(String request, int sample) {
        return request + '/' + sample;
    }

    /** Random numbers follow from it. */
    private static String request(Row source) {
        return source.getString(source.isNullAt(SourceRow.REQUEST) ? SourceRow.ROW_ID : SourceRow.REQUEST);
    }

    /** A prompt counts once, however many samples it has: they share its state. */
    @Override
    public RowMeasures measures(Completion completion) {
        long reused = generator.reusedPositions() - reusedBefore;
        reusedBefore += reused;
        int ofPrompt =
                completion.request().sampleIndex() == 0 ? completion.request().promptIds().length : 0;
        return new RowMeasures(
                ofPrompt + (long) completion.tokenIds().length,
                ofPrompt,
                reused,
                completion.finishReason() == FinishReason.ERROR,
                completion.decodeMillis(),
                completion.spikes().rate("encoder").orElse(Double.NaN),
                completion.spikes().rate("ffn").orElse(Double.NaN));
    }

    @Override
    public Row finish(Row source, Completion completion) {
        Object[] values = begin(source);
        set(values, "prompt", prompt(source, completion));
        set(values, "seed", completion.request().seed());
        set(values, "prompt_tokens", completion.request().promptIds().length);
        set(values, "finish_reason", completion.finishReason().label());
        setError(values, completion.errorClass(), completion.errorMessage());
        if (completion.finishReason() != FinishReason.ERROR) {
            set(values, "completion", completion.text());
            set(values, "completion_token_ids", completion.tokenIds());
            set(values, "completion_tokens", completion.tokenIds().length);
            set(values, "sum_logprob", completion.sumLogprob());
            set(values, "token_logprobs", settings.tokenLogprobs() ? completion.tokenLogprobs() : null);
            setDetail(values, completion);
            setAll(values, FiringColumns.of(completion.spikes()));
            setAll(values, FiringColumns.of(completion.operations()));
            set(values, "prefill_millis", completion.prefillMillis());
            set(values, "decode_millis", completion.decodeMillis());
        }
        return RowFactory.create(values);
    }

    /** The text to which the completion must be appended, also for a row that has token ids. */
    private String prompt(Row source, Completion completion) {
        return RowOverrides.of(source.getString(SourceRow.OVERRIDES), settings)
                .promptIds()
                .map(completion.tokenIds().length > 0 ? tokenizer::certainText : tokenizer::decode)
                .orElse(source.getString(SourceRow.TEXT));
    }

    @Override
    public Row fail(Row source, String errorClass, String message) {
        Object[] values = begin(source);
        set(values, "finish_reason", FinishReason.ERROR.label());
        setError(values, errorClass, message);
        return RowFactory.create(values);
    }

    /** The first token of a prompt has no predecessor, so its entries are null. */
    private void setDetail(Object[] values, Completion completion) {
        LogprobDetail detail = completion.request().detail();
        if (detail.top() > 0) {
            TopTokens top = completion.topTokens();
            set(values, "top_token_ids", NestedArrays.ids(top, 0));
            set(values, "top_logprobs", NestedArrays.logprobs(top, 0));
        }
        if (detail.prompt()) {
            set(values, "prompt_token_ids", completion.request().promptIds());
            set(values, "prompt_logprobs", NestedArrays.afterNull(completion.promptLogprobs()));
        }
        if (detail.prompt() && detail.top() > 0) {
            TopTokens top = completion.promptTopTokens();
            set(values, "prompt_top_token_ids", NestedArrays.ids(top, 1));
            set(values, "prompt_top_logprobs", NestedArrays.logprobs(top, 1));
        }
    }

    @Override
    Object[] begin(Row source) {
        Object[] values = super.begin(source);
        set(values, "prompt", source.getString(SourceRow.TEXT));
        set(values, "sample_index", source.getInt(SourceRow.SAMPLE_INDEX));
        set(values, "duplicate_of", source.getString(SourceRow.DUPLICATE_OF));
        set(values, "seed", settings.seed());
        return values;
    }
}

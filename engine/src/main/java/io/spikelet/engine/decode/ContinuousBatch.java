package io.spikelet.engine.decode;

import io.spikelet.engine.model.FamilyConfig;
import io.spikelet.engine.telemetry.SpikeStatistics;
import io.spikelet.engine.token.Tokenizer;
import java.util.Iterator;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.IntFunction;

/** One iteration of a {@link Generator}: new rows are admitted as soon as others end. */
final class ContinuousBatch extends PassScheduler<RunningSequence, Completion> {
    private final Sampler sampler;
    private final PrefixSharing sharing;
    private final Optional<Tokenizer> tokenizer;
    private final OptionalInt eos;
    private final Generator.Options options;
    private final Iterator<GenerationRequest> requests;
    private final FamilyConfig config;
    private Candidate candidate; // null, or a checked request that was not admitted yet
    private long passStartNanos;

    /** @param limit maximum number of ids to generate */
    private record Candidate(GenerationRequest request, int limit) {
        int positions() {
            return request.promptIds().length + Math.max(0, limit - 1); // the last id is never decoded
        }
    }

    ContinuousBatch(
            Decoder decoder,
            Sampler sampler,
            PrefixSharing sharing,
            Optional<Tokenizer> tokenizer,
            OptionalInt eos,
            Generator.Options options,
            Iterator<GenerationRequest> requests) {
        super(decoder, options.timeoutSeconds());
        this.sampler = sampler;
        this.sharing = sharing;
        this.tokenizer = tokenizer;
        this.eos = eos;
        this.options = options;
        this.requests = requests;
        this.config = decoder.model().config();
    }

    @Override
    protected boolean hasMore() {
        return candidate != null || requests.hasNext();
    }

    @Override
    protected void compose() {
        fill();
        if (hasResults()) {
            return;
        }
        passStartNanos = System.nanoTime();
        int free = options.maxColumns();
        for (RunningSequence row : active()) { // decoding rows first, so that a long prompt does not delay them
            if (row.waiting() == 1 && !row.stops().follows()) {
                free -= feedRow(row, 1);
            }
        }
        for (RunningSequence row : active()) {
            if (row.waiting() > 1 && free > 0 && !row.stops().follows()) {
                free -= feedRow(row, free);
            }
        }
    }

    private int feedRow(RunningSequence row, int most) {
        int prompt = row.prompt().length - row.fed();
        int columns = feed(row, most);
        sharing.prefilled(Math.clamp(prompt, 0, columns));
        return columns;
    }

    @Override
    protected void ran() {
        sharing.share(decoder(), pass(), active());
    }

    @Override
    protected void collected() {
        double nanosPerColumn =
                (double) (System.nanoTime() - passStartNanos) / decoder().columns();
        for (RunningSequence row : pass()) {
            row.charge(row.columns() * nanosPerColumn);
        }
    }

    @Override
    protected void detach(RunningSequence row) {
        for (RunningSequence other : active()) {
            other.stops().unfollow(row);
        }
    }

    @Override
    protected Completion result(RunningSequence row) {
        return row.completion(tokenizer, decoder());
    }

    @Override
    protected Completion failure(RunningSequence row, RuntimeException cause) {
        return RowError.of(cause).completion(row.request());
    }

    @Override
    protected Completion timeout(RunningSequence row) {
        return RowError.timeout(options.timeoutSeconds()).completion(row.request());
    }

    /** Admits rows until the batch or the memory is full, or a row has finished at once. */
    private void fill() {
        while (!hasResults() && active().size() < options.batchSize()) {
            if (candidate != null) {
                if (!active().isEmpty() && !fits(candidate)) {
                    return; // until a row in flight ends
                }
                Candidate next = candidate;
                candidate = null;
                admit(next);
            } else if (requests.hasNext()) {
                check(requests.next());
            } else {
                return;
            }
        }
    }

    private boolean fits(Candidate next) {
        return next.request().isLaterTrial()
                ? decoder().fits(next.positions(), RunningSequence.TRIAL_STATES)
                : decoder().fits(next.positions());
    }

    /** Makes a request the candidate, or finishes it. */
    private void check(GenerationRequest request) {
        Optional<RowError> error = RowError.of(request, config);
        if (error.isPresent()) {
            finish(error.get().completion(request));
            return;
        }
        SamplingParams params = request.params();
        int wanted = Math.max(params.policy().leastNewTokens(), params.maxNewTokens());
        int prompt = request.promptIds().length;
        boolean isUnbounded = options.beyondContext() && config.mayExceedContext();
        int room = (isUnbounded ? Integer.MAX_VALUE : config.contextLength()) - prompt;
        int limit = Math.min(wanted, room);
        if (limit == 0 && !request.detail().prompt()) {
            finish(Completion.empty(request, FinishReason.LENGTH, SpikeStatistics.none(config.populations())));
        } else {
            candidate = new Candidate(request, limit);
        }
    }

    private void admit(Candidate next) {
        GenerationRequest request = next.request();
        OwnedStates states = new OwnedStates(decoder());
        RunningSequence row;
        try {
            SamplingParams params = request.params();
            StopRule stop =
                    new StopRule(config.stopTokens(params.policy(), eos, tokenizer), params.stopIds(), tokenizer);
            IntFunction<GeneratedTokens> samples = index -> new GeneratedTokens(
                    request.ofSample(index),
                    next.limit(),
                    stop,
                    stopText(request),
                    decoder().vocabulary());
            row = new RunningSequence(request, states, next.positions(), samples, sampler);
        } catch (RuntimeException e) {
            states.close();
            finish(RowError.of(e).completion(request));
            return;
        }
        // the state of another row does not contain the probabilities of a prompt
        Optional<PrefixCacheEntry> whole = request.detail().prompt() ? Optional.empty() : sharing.admit(row, active());
        admit(row);
        if (whole.isPresent()) {
            sampleAtOnce(row, whole.get());
        }
    }

    private Optional<StopStringMatcher> stopText(GenerationRequest request) {
        SamplingParams params = request.params();
        if (params.stopStrings().isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new StopStringMatcher(
                params.stopStrings(),
                tokenizer.orElseThrow(() -> new IllegalArgumentException("stop strings need a tokenizer")),
                request.promptIds()));
    }

    /** The first token of a row whose whole prompt is known. */
    private void sampleAtOnce(RunningSequence row, PrefixCacheEntry prompt) {
        long start = System.nanoTime();
        try {
            row.sample(decoder(), prompt.logits(), 0);
        } catch (RuntimeException e) {
            fail(row, e);
            return;
        }
        row.charge(System.nanoTime() - start);
        if (row.done()) {
            complete(row);
        }
    }
}

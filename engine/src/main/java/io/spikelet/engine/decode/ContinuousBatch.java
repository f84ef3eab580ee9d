package io.spikelet.engine.decode;

import io.spikelet.engine.model.FamilyConfig;
import io.spikelet.engine.telemetry.SpikeStatistics;
import io.spikelet.engine.token.Tokenizer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Queue;

/** One iteration of a {@link Generator}: the rows in flight, and the completions that nobody has taken yet. */
final class ContinuousBatch implements Iterator<Completion> {
    private final Decoder decoder;
    private final Sampler sampler;
    private final PrefixSharing sharing;
    private final Optional<Tokenizer> tokenizer;
    private final OptionalInt eos;
    private final Generator.Options options;
    private final Iterator<GenerationRequest> requests;
    private final FamilyConfig config;
    private final List<RunningSequence> active = new ArrayList<>();
    private final List<RunningSequence> pass = new ArrayList<>();
    private final Queue<Completion> finished = new ArrayDeque<>();
    private Candidate candidate; // null, or a checked request that was not admitted yet

    /** @param limit most ids to generate */
    private record Candidate(GenerationRequest request, int limit) {
        int positions() {
            return request.promptIds().length + Math.max(0, limit - 1); // the last id is never decoded itself
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
        this.decoder = decoder;
        this.sampler = sampler;
        this.sharing = sharing;
        this.tokenizer = tokenizer;
        this.eos = eos;
        this.options = options;
        this.requests = requests;
        this.config = decoder.model().config();
    }

    @Override
    public boolean hasNext() {
        while (finished.isEmpty()) {
            fill();
            if (finished.isEmpty()) {
                if (active.isEmpty()) {
                    return false;
                }
                advance();
            }
        }
        return true;
    }

    @Override
    public Completion next() {
        if (!hasNext()) {
            throw new NoSuchElementException("every request has been completed");
        }
        return finished.remove();
    }

    /** Admits rows until the batch or the memory is full, or one is finished already. */
    private void fill() {
        while (finished.isEmpty() && active.size() < options.batchSize()) {
            if (candidate != null) {
                if (!decoder.fits(candidate.positions()) && !active.isEmpty()) {
                    return; // until a row in flight ends
                }
                admit(candidate);
                candidate = null;
            } else if (requests.hasNext()) {
                check(requests.next());
            } else {
                return;
            }
        }
    }

    /** Makes a request the candidate, or finishes it. */
    private void check(GenerationRequest request) {
        Optional<RowError> error = RowError.of(request, config);
        if (error.isPresent()) {
            finished.add(error.get().completion(request));
            return;
        }
        SamplingParams params = request.params();
        int wanted = Math.max(params.policy().leastNewTokens(), params.maxNewTokens());
        int prompt = request.promptIds().length;
        boolean isUnbounded = options.beyondContext() && config.mayExceedContext();
        int room = (isUnbounded ? Integer.MAX_VALUE : config.contextLength()) - prompt;
        int limit = Math.min(wanted, room);
        if (limit == 0 && !request.detail().prompt()) {
            finished.add(withoutTokens(request));
        } else {
            candidate = new Candidate(request, limit);
        }
    }

    private void admit(Candidate candidate) {
        GenerationRequest request = candidate.request();
        RunningSequence row;
        try {
            SamplingParams params = request.params();
            StopRule stop =
                    new StopRule(config.stopTokens(params.policy(), eos, tokenizer), params.stopIds(), tokenizer);
            Optional<StopStringMatcher> text = stopText(request);
            DecoderState state = decoder.allocate(candidate.positions());
            row = new RunningSequence(request, candidate.limit(), state, stop, text, decoder.vocabulary());
        } catch (RuntimeException e) {
            finished.add(RowError.of(e).completion(request));
            return;
        }
        // what another row decoded tells nothing of a prompt's probabilities
        Optional<PrefixCacheEntry> whole = request.detail().prompt() ? Optional.empty() : sharing.admit(row, active);
        active.add(row);
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
            row.sample(decoder, sampler, prompt.logits(), 0);
        } catch (RuntimeException e) {
            fail(row, e);
            return;
        }
        row.charge(System.nanoTime() - start);
        if (row.finished()) {
            active.remove(row);
            finish(row);
        }
    }

    private Completion withoutTokens(GenerationRequest request) {
        return Completion.empty(request, FinishReason.LENGTH, SpikeStatistics.none(config.populations()));
    }

    /** Runs one pass and takes out the rows that ended with it. */
    private void advance() {
        pass.clear();
        try {
            run();
        } catch (RuntimeException e) {
            recover(e);
        }
        for (int i = 0; i < active.size(); i++) {
            if (active.get(i).finished()) {
                RunningSequence row = active.remove(i--);
                finish(row);
            } else if (active.get(i).secondsInFlight() > options.timeoutSeconds()) {
                drop(active.get(i--), RowError.timeout(options.timeoutSeconds()));
            }
        }
    }

    private void run() {
        long start = System.nanoTime();
        decoder.clear();
        int free = options.maxColumns();
        for (RunningSequence row : active) { // decoding rows first: a long prompt never holds them up
            if (row.waiting() == 1 && !row.follows()) {
                free -= feed(row, 1);
            }
        }
        for (RunningSequence row : active) {
            if (row.waiting() > 1 && free > 0 && !row.follows()) {
                free -= feed(row, free);
            }
        }
        decoder.run();
        sharing.share(decoder, pass, active);
        for (RunningSequence row : pass) {
            sample(row);
        }
        double nanosPerColumn = (double) (System.nanoTime() - start) / (options.maxColumns() - free);
        for (RunningSequence row : pass) {
            row.charge(row.columns() * nanosPerColumn);
        }
    }

    private int feed(RunningSequence row, int most) {
        pass.add(row);
        int prompt = row.prompt().length - row.fed();
        row.feed(decoder, most);
        sharing.prefilled(Math.clamp(prompt, 0, row.columns()));
        return row.columns();
    }

    private void sample(RunningSequence row) {
        try {
            row.sample(decoder, sampler);
        } catch (RuntimeException e) {
            fail(row, e);
        }
    }

    /**
     * After a pass that failed its states are worth nothing, and which row it was is unknown. Each of its rows is decoded
     * again from its first token in passes of its own; those that fail again are the errors.
     */
    private void recover(RuntimeException cause) {
        List<RunningSequence> suspects = List.copyOf(pass);
        if (suspects.isEmpty()) {
            throw cause;
        }
        for (RunningSequence row : suspects) {
            if (suspects.size() == 1) {
                fail(row, cause);
                continue;
            }
            try {
                replay(row);
            } catch (RuntimeException e) {
                fail(row, e);
            }
        }
    }

    private void replay(RunningSequence row) {
        unfollow(row);
        row.rewind();
        while (row.waiting() > 0) {
            decoder.clear();
            row.feed(decoder, options.maxColumns());
            decoder.run();
            row.notePrompt(decoder);
        }
        row.sample(decoder, sampler);
    }

    private void fail(RunningSequence row, RuntimeException cause) {
        NonFiniteLogitsException.blameModel(cause, decoder.model());
        drop(row, RowError.of(cause));
    }

    private void drop(RunningSequence row, RowError error) {
        unfollow(row);
        active.remove(row);
        decoder.release(row.state());
        finished.add(error.completion(row.request()));
    }

    private void unfollow(RunningSequence row) {
        for (RunningSequence other : active) {
            other.unfollow(row);
        }
    }

    private void finish(RunningSequence row) {
        try {
            finished.add(row.completion(tokenizer, decoder));
        } catch (RuntimeException e) {
            finished.add(RowError.of(e).completion(row.request()));
        }
        decoder.release(row.state());
    }
}

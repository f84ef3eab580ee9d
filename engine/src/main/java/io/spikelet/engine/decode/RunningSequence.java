package io.spikelet.engine.decode;

import io.spikelet.engine.token.Tokenizer;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.IntFunction;

/** One request while it is decoded: its progress and its costs. Not thread-safe. */
final class RunningSequence implements InFlight {
    /** Number of states of a row that is a later trial: the current state, and the state after the prompt. */
    static final int TRIAL_STATES = 2;

    private static final double NANOS_PER_MILLI = 1e6;

    private final GenerationRequest request;
    private final OwnedStates states;
    private final DecoderState state;
    private final IntFunction<GeneratedTokens> samples;
    private final DecoderState promptState; // after the prompt, for a later trial, or null
    private final Sampler sampler;
    private final LogprobTrace promptTrace; // (prompt position - 1), or null
    private final PromptStops stops;
    private final long startNanos = System.nanoTime();
    private GeneratedTokens tokens; // of the current trial
    private float[] promptLogits; // (vocabulary): after the prompt, unless promptState is null
    private int sample; // of the current trial
    private int fed;
    private int known; // tokens that were known at the last restart
    private int columns;
    private int lastColumn;
    private double prefillNanos;
    private double decodeNanos;

    /**
     * @param positions number of positions: the prompt and all ids of the completion except the last
     * @param samples creates the empty tokens of a sample
     * @throws IllegalStateException if there is no memory for its states
     */
    RunningSequence(
            GenerationRequest request,
            OwnedStates states,
            int positions,
            IntFunction<GeneratedTokens> samples,
            Sampler sampler) {
        this.request = request;
        this.states = states;
        this.state = states.allocate(positions);
        this.promptState = request.isLaterTrial() ? states.allocate(positions) : null;
        this.samples = samples;
        this.sampler = sampler;
        begin();
        this.stops = new PromptStops(request.promptIds());
        this.promptTrace = request.detail().prompt()
                ? new LogprobTrace(request.detail().top(), request.promptIds().length - 1)
                : null;
    }

    /** Begins with the earlier trials; there are none unless the policy continues trials. */
    private void begin() {
        sample = request.isLaterTrial() ? 0 : request.sampleIndex();
        tokens = samples.apply(sample);
    }

    GenerationRequest request() {
        return request;
    }

    int[] prompt() {
        return request.promptIds();
    }

    DecoderState state() {
        return state;
    }

    @Override
    public OwnedStates states() {
        return states;
    }

    PromptStops stops() {
        return stops;
    }

    /** Tokens decoded so far, by this row or by another row for it. */
    int fed() {
        return fed;
    }

    /** Tokens known and not yet decoded; more than one while there is prompt left. */
    int waiting() {
        return prompt().length + tokens.count() - fed;
    }

    /**
     * Adds up to {@code most} waiting tokens to the pass, at most up to the next stop; the last known token gets
     * logits.
     */
    @Override
    public int feed(Decoder decoder, int most) {
        int stop = stops.after(fed);
        columns = Math.min(most, stop < 0 ? waiting() : stop - fed);
        for (int i = 0; i < columns; i++) {
            lastColumn = decoder.add(state, token(fed), promptTrace != null || waiting() == 1);
            fed++;
        }
        return columns;
    }

    private int token(int index) {
        return index < prompt().length ? prompt()[index] : tokens.id(index - prompt().length);
    }

    /** Columns that this row has in the pass. */
    int columns() {
        return columns;
    }

    /** Takes the next token from the logits of the pass, if it has reached the end of what is known. */
    @Override
    public void collect(Decoder decoder) {
        notePrompt(decoder);
        if (waiting() == 0) {
            sample(decoder, decoder.logits(), decoder.logitsOffset(lastColumn));
        }
    }

    /** Samples the next token from the logits of the last one. When an earlier trial ends, the next trial begins. */
    void sample(Decoder decoder, float[] logits, int offset) {
        if (promptState != null && fed == prompt().length) {
            promptState.copyFrom(state);
            promptLogits = Arrays.copyOfRange(logits, offset, offset + decoder.vocabulary());
        }
        tokens.sample(decoder, sampler, logits, offset);
        while (done() && sample < request.sampleIndex()) {
            tokens = samples.apply(++sample);
            state.copyForTrial(promptState);
            fed = prompt().length;
            tokens.sample(decoder, sampler, promptLogits, 0);
        }
    }

    /** Keeps the log-probabilities of the prompt, if requested. */
    private void notePrompt(Decoder decoder) {
        if (promptTrace == null) {
            return;
        }
        for (int position = fed - columns; position < Math.min(fed, prompt().length - 1); position++) {
            int offset = decoder.logitsOffset(lastColumn - (fed - 1 - position));
            promptTrace.set(
                    position,
                    decoder.kernels(),
                    decoder.logits(),
                    offset,
                    decoder.vocabulary(),
                    prompt()[position + 1]);
        }
    }

    /** Adds this row's share of the time of a pass; time up to the first generated token counts as prefill. */
    void charge(double nanos) {
        if (fed > prompt().length) {
            decodeNanos += nanos;
        } else {
            prefillNanos += nanos;
        }
    }

    /** Continues from a state that has decoded the first ids of this prompt. */
    void resume(DecoderState from) {
        stops.stopFollowing();
        state.copyFrom(from);
        fed = from.position();
        columns = 0;
    }

    /** Uses the last column of another row, from which this row has just been resumed. */
    void lastColumnOf(RunningSequence row) {
        lastColumn = row.lastColumn;
    }

    /** Copies the logits of the last column to a snapshot. */
    void copyLogits(Decoder decoder, PrefixCacheEntry snapshot) {
        snapshot.logits(decoder.logits(), decoder.logitsOffset(lastColumn));
    }

    @Override
    public long startNanos() {
        return startNanos;
    }

    /**
     * Decodes the tokens known so far again; tokens of trials, which also depend on the trial before, are sampled
     * again.
     */
    @Override
    public void restart() {
        stops.stopFollowing();
        if (promptState != null) {
            begin();
        }
        known = prompt().length + tokens.count();
        state.reset();
        fed = 0;
    }

    @Override
    public boolean caughtUp() {
        return fed >= known;
    }

    @Override
    public boolean done() {
        return tokens.reason() != null;
    }

    /** The result of a row that is done. */
    Completion completion(Optional<Tokenizer> tokenizer, Decoder decoder) {
        boolean hasPrompt = promptTrace != null;
        return new Completion(
                request,
                tokens.text(tokenizer),
                tokens.ids(),
                tokens.logprobs(),
                tokens.top(),
                hasPrompt ? promptTrace.chosen(prompt().length - 1) : new float[0],
                hasPrompt ? promptTrace.top(prompt().length - 1) : TopTokens.NONE,
                tokens.sumLogprob(),
                tokens.reason(),
                decoder.spikes(state),
                decoder.operations(state),
                prefillNanos / NANOS_PER_MILLI,
                decodeNanos / NANOS_PER_MILLI,
                null,
                null);
    }
}

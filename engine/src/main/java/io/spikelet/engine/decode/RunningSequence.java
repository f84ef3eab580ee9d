package io.spikelet.engine.decode;

import io.spikelet.engine.token.Tokenizer;
import java.util.Optional;

/** One request while it is decoded: its progress and its costs. Not thread-safe. */
final class RunningSequence implements InFlight {
    private static final double NANOS_PER_MILLI = 1e6;

    private final GenerationRequest request;
    private final OwnedStates states;
    private final DecoderState state;
    private final GeneratedTokens tokens;
    private final Sampler sampler;
    private final LogprobTrace promptTrace; // (prompt position - 1), or null
    private final PromptStops stops;
    private final long startNanos = System.nanoTime();
    private int fed;
    private int known; // tokens that were known when it started over
    private int columns;
    private int lastColumn;
    private double prefillNanos;
    private double decodeNanos;

    /** @param state one of {@code states}, with room for the prompt and all but the last of the completion */
    RunningSequence(
            GenerationRequest request,
            OwnedStates states,
            DecoderState state,
            GeneratedTokens tokens,
            Sampler sampler) {
        this.request = request;
        this.states = states;
        this.state = state;
        this.tokens = tokens;
        this.sampler = sampler;
        this.stops = new PromptStops(request.promptIds());
        this.promptTrace = request.detail().prompt()
                ? new LogprobTrace(request.detail().top(), request.promptIds().length - 1)
                : null;
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

    /** Tokens decoded so far, by this row or by another for it. */
    int fed() {
        return fed;
    }

    /** Tokens known and not yet decoded; more than one while there is prompt left. */
    int waiting() {
        return prompt().length + tokens.count() - fed;
    }

    /** Puts up to {@code most} waiting tokens into the pass, as far as the next stop; the very last one has logits. */
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

    /** Takes the next token from the logits of the last one. */
    void sample(Decoder decoder, float[] logits, int offset) {
        tokens.sample(decoder, sampler, logits, offset);
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

    /** Adds this row's share of a pass; the time up to the first generated token is the prefill. */
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

    /** Shares the last column of another row, which it has just been resumed from. */
    void lastColumnOf(RunningSequence row) {
        lastColumn = row.lastColumn;
    }

    /** Leaves the logits of the last column in a snapshot. */
    void copyLogits(Decoder decoder, PrefixCacheEntry snapshot) {
        snapshot.logits(decoder.logits(), decoder.logitsOffset(lastColumn));
    }

    @Override
    public long startNanos() {
        return startNanos;
    }

    /** The tokens known so far are decoded again. */
    @Override
    public void restart() {
        stops.stopFollowing();
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
